"""A workbook that refers to something outside itself is not followed there."""

import io
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from app.file_reader.sandbox import pool
from app.kit.errors import InvalidError

SECRET = "Quintessa Canary"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(sheet: str, doctype: str = "") -> bytes:
    """Return a workbook with a header, and a second row with this cell."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        made.add_worksheet("A").write(0, 0, "x")
    parts = {}
    with zipfile.ZipFile(out) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
        f'<row r="2">{sheet}</row></sheetData></worksheet>'
    ).encode()
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return changed.getvalue()


def text_of(data: bytes) -> str:
    """Return everything that is read of a file, or the message it is refused with."""
    try:
        table = pool.table(data)
    except InvalidError as error:
        return str(error)
    return repr((table.columns, table.cells.to_pylist(), table.first_rows))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    return file


def test_nothing_outside_the_file_is_read(secret: Path) -> None:
    inline = '<c r="A2" t="inlineStr"><is><t>Ann &e;</t></is></c>'
    plain = '<c r="A2" t="inlineStr"><is><t>Ann Lee</t></is></c>'
    address = secret.as_uri()
    files = (
        workbook(inline, f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}">]>'),
        workbook(plain, f'<!DOCTYPE x SYSTEM "{address}">'),
        workbook(plain, f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{address}"> %e;]>'),
        workbook(f'<c r="A2" t="str"><f>\'{secret}\'!A1</f><v>Ann Lee</v></c>'),
        workbook(f'<c r="A2" t="str"><f>WEBSERVICE("{address}")</f><v>Ann Lee</v></c>'),
    )
    answers = [text_of(data) for data in files]
    assert all(SECRET not in answer for answer in answers)
    # the stored result of a formula is read, and the formula is not
    assert all("Ann Lee" in answer and "A1" not in answer for answer in answers[3:])
    assert not re.search("WEBSERVICE", answers[4])
