"""UTF-8 files with some bytes of another encoding, or with letters garbled before."""

import re

from app.file_reader.notes import Note

# valid characters outside ASCII per invalid place, and at least
_VALID_A_PLACE, _LEAST_VALID = 4, 3
_INVALID = re.compile("[\udc80-\udcff]+")
_OUTSIDE_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
# what UTF-8 looks like when it was decoded as Windows-1252 and encoded again: "Ã¼" for "ü"
_GARBLED = re.compile(
    rb"[^\s,;|\"]*\xc3(?:[\x82-\x86\x90\x91](?:\xc2[\x80-\xbf]|\xe2\x80[\x98-\xba]|\xe2\x82\xac)"
    rb"|\xa2\xe2\x82\xac)[^\s,;|\"]*"
)
_MOST_LETTERS, _BEGINNING = 60, 2**20


def mostly_utf8(data: bytes) -> tuple[str, Note] | None:
    """Return the text of a UTF-8 file with a few other bytes, read as Windows-1252, and a note.

    None if the file is not UTF-8 for the most part.
    """
    # a look at the beginning spares the decoding of most files
    if len(data) > _BEGINNING and _is_other(data[:_BEGINNING], least=0):
        return None
    if _is_other(data, least=_LEAST_VALID):
        return None
    text = data.decode("utf-8", "surrogateescape")
    places = len(_INVALID.findall(text))
    first = _INVALID.search(text)
    mended = _INVALID.sub(lambda run: _as_western(run[0]), text)
    start = first.start() if first else 0
    sample = re.split(r"[\s,;|\"]", mended[max(0, start - 20) : start])[-1]
    sample += re.split(r"[\s,;|\"]", mended[start : start + 20])[0]
    return mended, Note("bytes_not_utf8", {"places": f"{places:,}", "sample": sample})


def _is_other(data: bytes, *, least: int) -> bool:
    """Return whether more of the letters are invalid than a UTF-8 file may have."""
    text = data.decode("utf-8", "surrogateescape")
    places = len(_INVALID.findall(text))
    return len(_OUTSIDE_ASCII.findall(text)) < max(least, places * _VALID_A_PLACE)


def garbled(data: bytes) -> Note | None:
    """Return a note if letters of a UTF-8 file were garbled before it was written."""
    match = re.search(rb"\xc3[\x82-\x86\x90\x91\xa2][\xc2\xe2]", data) and _GARBLED.search(data)
    if not match:
        return None
    return Note("garbled", {"sample": match[0].decode("utf-8", "ignore")[:_MOST_LETTERS]})


def _as_western(escaped: str) -> str:
    return escaped.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
