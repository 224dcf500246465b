"""Files shaped to choke a reader: each is refused with a sentence, in time, and harms nobody."""

import io
import random
import sys
import zipfile
from collections.abc import Callable, Mapping
from time import perf_counter

import xlsxwriter

from app.imports import cutting
from app.kit.errors import InvalidError

LIMIT_SECONDS = 2.0
HEAD = b"donor_id,amount,date\n"
_NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def main() -> None:
    """Offer each file to the reader, print seconds and the sentence; fail if one gets through."""
    began = perf_counter()
    cutting.table(HEAD + b"7,12.50,2026-03-04\n")
    print(f"a good file, the reader's start included: {perf_counter() - began:.2f} s")
    bad = 0
    for name, make in FILES.items():
        data = make()
        began = perf_counter()
        try:
            cutting.table(data)
            said = "NOT REFUSED"
        except InvalidError as error:
            said = str(error)
        took = perf_counter() - began
        slow = took > LIMIT_SECONDS
        bad += slow or said == "NOT REFUSED"
        print(f"{name:34}{len(data) / 1e6:8.1f} MB{took:7.2f} s{' OVER' if slow else ''}  {said}")
    again = cutting.table(HEAD + b"7,12.50,2026-03-04\n").height
    print(
        f"{len(FILES) - bad} of {len(FILES)} refused within {LIMIT_SECONDS:.0f} s each; ", end=""
    )
    print("the reader goes on" if again == 1 else "the reader is DEAD")
    sys.exit(bool(bad))


def archive(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip archive with these parts, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            # an OpenDocument says first, and uncompressed, what it is
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(name, content, kind)
    return out.getvalue()


def far_corner() -> bytes:
    """Return a workbook of two cells, one of them in the last row and column a sheet can have."""
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    return _xlsx(sheet)


def laughs() -> bytes:
    """Return a workbook whose XML doubles itself thirty times."""
    entities = b"".join(
        b'<!ENTITY a%d "&a%d;&a%d;">' % (level, level - 1, level - 1) for level in range(1, 30)
    )
    return _xlsx(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">' + entities + b"]><worksheet "
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&a29;</t></is></c></row></sheetData></worksheet>'
    )


def _xlsx(sheet: bytes) -> bytes:
    """Return a good workbook with its sheet replaced."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        made.add_worksheet("A")
    with zipfile.ZipFile(out) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    return archive(parts | {"xl/worksheets/sheet1.xml": sheet})


def repeated_rows() -> bytes:
    """Return an OpenDocument sheet that says one row a million times, sixteen thousand wide."""
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
    "nothing but line ends": lambda: b"\r\n" * 5_000_000,
    "noise called .csv": lambda: random.Random(7).randbytes(5_000_000),
    "a line of ten million commas": lambda: b"," * 10_000_000,
    "a million columns": lambda: b",".join(b"c%d" % at for at in range(1_000_000)) + b"\n1\n",
    "one cell of 50 MB": lambda: HEAD + b"7,12.50," + b"x" * 50_000_000,
    "a quotation mark never closed": lambda: HEAD + b'7,"12.50' + HEAD * 1_500_000,
    "larger than what is taken": lambda: HEAD * 10_000_000,
    "a zip bomb": lambda: archive({"xl/workbook.xml": b"0" * 300_000_000}),
    "a compressed file": lambda: b"\x1f\x8b\x08" + bytes(1_000_000),
    "a workbook with a cell far away": far_corner,
    "a workbook that doubles itself": laughs,
    "a sheet that repeats itself": repeated_rows,
    "a workbook cut off": lambda: far_corner()[:-300],
    "half a character, again and again": lambda: b"\xff\xfe" + b"\x00\xd8" * 2_000_000,
}

if __name__ == "__main__":
    main()
