"""Hostile files that overload a parser, built anew for each use; all of them must be refused."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping

import xlsxwriter

HEAD = b"donor_id,amount,date\n"
ROW = b"7,12.50,2026-03-04\n"
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def archive(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of these parts, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as workbook:
        for name, content in parts.items():
            # OpenDocument requires an uncompressed first entry with the file type
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            workbook.writestr(name, content, kind)
    return out.getvalue()


def far_cell(reference: bytes) -> bytes:
    """Return a workbook with two cells, one of them far away from the other."""
    return _xlsx(_sheet(b'<row><c r="A1"><v>1</v></c><c r="%s"><v>1</v></c></row>' % reference))


def quoted_otherwise() -> bytes:
    """Return a far cell quoted as no program writes it, but as XML allows."""
    return _xlsx(_sheet(b"<row><c r = 'A1'><v>1</v></c><c r = 'GA1048576'><v>1</v></c></row>"))


def shared_text() -> bytes:
    """Return a workbook whose cells all share one text of 32,000 characters: 13 GB."""
    cells = b"".join(b'<row><c r="A%d" t="s"><v>0</v></c></row>' % at for at in range(1, 400_000))
    return _xlsx(
        _sheet(cells),
        {"xl/sharedStrings.xml": b"<sst %s><si><t>%s</t></si></sst>" % (_MAIN, b"x" * 32_000)},
    )


def many_sheets() -> bytes:
    """Return a workbook with two thousand sheets."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        for _ in range(2_000):
            workbook.add_worksheet().write(0, 0, "x")
    return out.getvalue()


def lying_directory() -> bytes:
    """Return a workbook whose zip directory declares ten bytes for a sheet of 300 MB."""
    book = bytearray(_xlsx(_sheet(b"<row/>" + b" " * 300_000_000)))
    at = book.rfind(b"PK\x01\x02")
    while not bytes(book[at + 46 :]).startswith(b"xl/worksheets/sheet1.xml"):
        at = book.rfind(b"PK\x01\x02", 0, at)
    struct.pack_into("<I", book, at + 24, 10)
    return bytes(book)


def overlapping() -> bytes:
    """Return a zip whose entries all use the same compressed bytes."""
    book = bytearray(archive({"xl/workbook.xml": b"0" * 80_000_000, "xl/other.xml": b"1"}))
    at = book.rfind(b"PK\x01\x02")
    struct.pack_into("<I", book, at + 42, 0)
    return bytes(book)


def workbook_of(rows: bytes, *, dimension: bytes) -> bytes:
    """Return a workbook with these rows of XML and the declared size `dimension`."""
    declared = b'<dimension ref="%s"/>' % dimension
    return _xlsx(_sheet(rows).replace(b"<sheetData>", declared + b"<sheetData>", 1))


def _sheet(rows: bytes) -> bytes:
    return b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (_MAIN, rows)


def laughs() -> bytes:
    """Return a workbook whose XML entities double thirty times ("billion laughs")."""
    entities = b"".join(
        b'<!ENTITY a%d "&a%d;&a%d;">' % (level, level - 1, level - 1) for level in range(1, 30)
    )
    return _xlsx(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">' + entities + b"]><worksheet "
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&a29;</t></is></c></row></sheetData></worksheet>'
    )


def _xlsx(sheet: bytes, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a valid workbook with its sheet replaced."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        workbook.add_worksheet("A").write(0, 0, "x")
    with zipfile.ZipFile(out) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    return archive(parts | {"xl/worksheets/sheet1.xml": sheet} | dict(more or {}))


def repeated_rows() -> bytes:
    """Return an OpenDocument sheet that repeats a row a million times, 16,384 cells wide."""
    content = (
        f"<office:document-content {_NS}><office:body><office:spreadsheet>"
        '<table:table table:name="A"><table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return archive(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": b"<manifest:manifest/>",
            "content.xml": content.encode(),
        }
    )


FILES: dict[str, Callable[[], bytes]] = {
    "five million blank lines": lambda: HEAD + ROW + b"\n" * 5_000_000 + ROW,
    "a hundred million lines": lambda: HEAD + b"\n" * 100_000_000,
    "short rows under a wide header": lambda: (
        b",".join(b"c%d" % at for at in range(200)) + b"\n" + b"a\n" * 1_000_000
    ),
    "lines of every separator": lambda: (b"a,;\t|" * 20_000 + b"\n") * 100,
    "totals and nothing else": lambda: HEAD + ROW + b"Total,,\n" * 300_000,
    "rows longer than the header": lambda: HEAD + ROW + b"1,2,3,4\n" * 300_000,
    "quotation marks in every way": lambda: HEAD + b'"' + b'""' * 2_000_000,
    "nothing but line ends": lambda: b"\r\n" * 5_000_000,
    "noise called .csv": lambda: random.Random(7).randbytes(5_000_000),
    "a line of ten million commas": lambda: b"," * 10_000_000,
    "a million columns": lambda: b",".join(b"c%d" % at for at in range(1_000_000)) + b"\n1\n",
    "one cell of 50 MB": lambda: HEAD + b"7,12.50," + b"x" * 50_000_000,
    "a quotation mark never closed": lambda: HEAD + b'7,"12.50' + HEAD * 1_500_000,
    "larger than what is taken": lambda: HEAD * 10_000_000,
    "a zip bomb": lambda: archive({"xl/workbook.xml": b"0" * 300_000_000}),
    "a compressed file": lambda: b"\x1f\x8b\x08" + bytes(1_000_000),
    "a workbook with a cell far away": lambda: far_cell(b"XFD1048576"),
    "a cell far below": lambda: far_cell(b"D1048576"),
    "a cell far away, spelled otherwise": quoted_otherwise,
    "twenty million cells": lambda: _xlsx(_sheet(b"<row>" + b"<c/>" * 20_000_000 + b"</row>")),
    "one text shown 400,000 times": shared_text,
    "two thousand sheets": many_sheets,
    "a zip that lies about sizes": lying_directory,
    "a zip of overlapping parts": overlapping,
    "a zip in a zip": lambda: archive({"book.xlsx": far_cell(b"B2")}),
    "a directory of a million parts": lambda: b"PK\x03\x04" + b"PK\x01\x02" * 1_000_000,
    "a workbook that doubles itself": laughs,
    "a sheet that repeats itself": repeated_rows,
    "a workbook cut off": lambda: far_cell(b"B2")[:-300],
    "half a character, again and again": lambda: b"\xff\xfe" + b"\x00\xd8" * 2_000_000,
}
