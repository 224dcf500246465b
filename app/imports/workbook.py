"""Workbooks (.xlsx, .xlsm, .xls, .ods) → CSV, read by a process that may die without harm."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from app.kit.errors import InvalidError

MOST_UNZIPPED = 100 * 2**20
MOST_RATIO = 100
PATIENCE = 90
_CHILD = Path(__file__).with_name("workbook_child.py")
_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as a workbook does (a zip archive does so, too)."""
    return data.startswith((_ZIP, _OLD))


def as_csv(data: bytes) -> bytes:
    """Return the one sheet with rows as CSV in UTF-8; row numbers stay as people see them.

    Raises:
        InvalidError: no workbook, several sheets with rows, or shaped to choke a reader.
    """
    if data.startswith(_ZIP):
        _refuse_bombs(data)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD)], input=data, capture_output=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        msg = "The workbook takes too long to read. Open it and save it as CSV."
        raise InvalidError(msg) from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip() if done.returncode == 2 else ""  # noqa: PLR2004
    # killed by its limits, it says nothing
    raise InvalidError(said or "The workbook is too large to read. Open it and save it as CSV.")


def _refuse_bombs(data: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        msg = "The workbook is damaged. Open it, save it anew and upload that."
        raise InvalidError(msg) from None
    names = {one.filename for one in parts}
    if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
        msg = "This is a zip archive. Unpack it, then upload the file inside."
        raise InvalidError(msg)
    whole = sum(one.file_size for one in parts)
    if whole > MOST_UNZIPPED or whole > MOST_RATIO * len(data):
        msg = "The workbook is too large to read. Open it and save it as CSV."
        raise InvalidError(msg)
