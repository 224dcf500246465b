"""Decode the bytes of an uploaded file to text, or refuse them with a reason."""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.file_reader import workbook
from app.file_reader.charset import damaged_utf8, detection
from app.file_reader.notes import Note
from app.file_reader.read_options import ENCODINGS
from app.kit.errors import InvalidError

MAX_BYTES = 200 * 1024 * 1024
MAX_FIELD = 128 * 1024
MAX_COLUMNS = 2_000
MAX_LINES = 10_000_000
# a file whose line ends were doubled has a blank line after each row
MAX_BLANK_LINES = 1_000_000
_MAGIC = {
    b"%PDF": "a PDF. Ask the source for a CSV export",
    b"\x89PNG": "a picture. Ask the source for a CSV export",
    b"\xff\xd8\xff": "a picture. Ask the source for a CSV export",
    b"\x1f\x8b": "a compressed file. Unpack it",
}
# what text files begin with that are no tables
_MARKUP = {
    rb'\s*(\[\s*)?\{\s*("|\})': "a JSON file",
    rb"(?i)\s*(<\?xml[^>]*>\s*)?<(!doctype html|html|head|table|body|meta)\b": "an HTML page",
    rb"(?i)\s*<\?xml\b": "an XML file",
    rb"\s*\{\\rtf": "a text document (RTF)",
}
_BEGINNING = 1_000
_MOST_QUOTED = 2
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_TEXT = "This file is not text. Export it from the source as CSV, in UTF-8."
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b"))


@dataclass(frozen=True, slots=True)
class Text:
    """The file as UTF-8 without byte-order mark and NUL bytes, and its original encoding."""

    data: bytes
    encoding: str
    nul_bytes: int = 0
    # of a workbook: the sheet that was read, and all sheets with rows
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


class UnsureEncodingError(InvalidError):
    """Several encodings are plausible; `readings` has words of the file as each of them reads it.

    `encoding` is the most plausible one.
    """

    def __init__(self, encoding: str, readings: Mapping[str, Sequence[str]]) -> None:
        each = [
            f"{ENCODINGS[name]}: " + ", ".join(f"“{word}”" for word in words[:_MOST_QUOTED])
            for name, words in readings.items()
        ]
        super().__init__(
            f"The letters of this file can be read in several ways. {'; '.join(each)}."
        )
        self.encoding, self.readings = encoding, readings


def decode(data: bytes, encoding: str | None = None, sheet: str | None = None) -> Text:
    """Return the file's text in UTF-8; without a given encoding or sheet, detect it.

    Raises:
        InvalidError: the file is empty, too big, not text, or built to overload a parser.
        UnsureEncodingError: several encodings are equally plausible.
    """
    refuse_too_large(data)
    if not data.strip(b"\0 \t\r\n"):
        msg = "The file is empty."
        raise InvalidError(msg)
    if workbook.is_workbook(data):
        read = workbook.read_sheet(data, sheet)
        text = _as_utf8(read.data)
        return replace(text, encoding="workbook", sheet=read.name, sheets=read.sheets)
    for magic, kind_of_file in _MAGIC.items():
        if data.startswith(magic):
            msg = f"This is {kind_of_file}, then upload that."
            raise InvalidError(msg)
    text = _as_utf8(data) if encoding is None else _decode_as(data, encoding)
    _refuse_markup(text.data)
    _refuse_bad_lines(text.data)
    return text


def _refuse_markup(data: bytes) -> None:
    for beginning, kind_of_file in _MARKUP.items():
        if re.match(beginning, data[:_BEGINNING]):
            msg = (
                f"This is {kind_of_file}, whatever the file's name says. Save it as CSV or .xlsx, "
                "then upload that."
            )
            raise InvalidError(msg)


def refuse_too_large(data: bytes) -> None:
    """Refuse a file of more than MAX_BYTES, before any work is done on it.

    Raises:
        InvalidError: the file is too large.
    """
    if len(data) > MAX_BYTES:
        msg = f"The file is larger than {MAX_BYTES // 2**20} MB. Split it by year."
        raise InvalidError(msg)


def _decode_as(data: bytes, encoding: str) -> Text:
    mark = next((mark for mark, bom_encoding in _BOMS if bom_encoding == encoding), b"")
    try:
        return _from(data.removeprefix(mark), encoding)
    except InvalidError as error:
        msg = "The file's letters are not of that encoding. Choose another one, or “As found”."
        raise InvalidError(msg) from error


def _as_utf8(data: bytes) -> Text:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _from(data[len(mark) :], encoding)
    sample = data[:4096]
    nul = sample.count(b"\0")
    if nul > len(sample) // 4:
        # UTF-16 without a byte-order mark: every other byte of Latin text is NUL
        return _from(data, "utf-16-le" if sample[1::2].count(b"\0") > nul // 2 else "utf-16-be")
    if sum(sample.count(byte) for byte in _CONTROL) > max(4, len(sample) // 50):
        msg = "This file is not text. Export it from the source as CSV."
        raise InvalidError(msg)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        mended = damaged_utf8.mostly_utf8(data)
        if mended is None:
            return _from(data, _guess(data))
        return replace(_from(mended[0].encode(), "utf-8"), notes=(mended[1],))
    note = damaged_utf8.garbled(data)
    return replace(_from(data, "utf-8"), notes=(note,) if note else ())


def _from(data: bytes, encoding: str) -> Text:
    # an interrupted download may end in the middle of a character
    incomplete = len(data) % 2 if encoding.startswith("utf-16") else 0
    try:
        text = data[: len(data) - incomplete].decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidError(NOT_TEXT) from error
    nul = text.count("\0")
    if encoding == "utf-8" and not nul and b"\r" not in data:
        return Text(data, encoding)
    if nul:
        text = text.replace("\0", "")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return Text(text.encode("utf-8", "replace"), encoding, nul)


def _guess(data: bytes) -> str:
    detected = detection.detect(data)
    if detected is None:
        raise InvalidError(NOT_TEXT)
    if detected.readings:
        raise UnsureEncodingError(detected.encoding, detected.readings)
    return detected.encoding


def _refuse_bad_lines(data: bytes) -> None:
    """Check the raw bytes: a ten-megabyte line of commas must not reach a parser."""
    lines = data.count(b"\n")
    if lines > MAX_LINES:
        msg = f"The file has {lines:,} lines; {MAX_LINES:,} is the most. Split it by year."
        raise InvalidError(msg)
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    edges = np.concatenate(([-1], ends, [len(data)]))
    lengths = np.diff(edges) - 1
    blank = int(np.count_nonzero(lengths == 0))
    if blank > MAX_BLANK_LINES:
        msg = f"The file has {blank:,} blank lines. Remove them, then upload it again."
        raise InvalidError(msg)
    for line in np.flatnonzero(lengths > MAX_FIELD)[:50]:
        start = int(edges[line]) + 1
        piece = data[start : start + int(lengths[line])]
        if max(piece.count(mark) for mark in b",;\t|") >= MAX_COLUMNS:
            msg = (
                f"Line {line + 1} has more than {MAX_COLUMNS:,} columns. This is not a gift list."
            )
            raise InvalidError(msg)
        if not any(mark in piece for mark in b",;\t|") or len(piece) > 2**22:
            msg = (
                f"Line {line + 1} holds a cell longer than {MAX_FIELD // 1024} KB. Shorten it, "
                "or look for a quotation mark that is never closed."
            )
            raise InvalidError(msg)
