"""Parse e-mails, phones and addresses; what cannot be read is left empty, with a note."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Sheet
from app.imports.values.arrays import coded
from app.imports.values.cells import decimals_removed
from app.imports.values.problems import Problem
from app.kit import text

_PART = r"[^\s@,;|<>()\[\]:\"'.]+"
_EMAIL = rf"[^\s@,;|<>()\[\]:\"']+@{_PART}(?:\.{_PART})+"
_EMAILS = rf"^(?:{_EMAIL}(?:[\s,;|]+{_EMAIL})*[\s,;|]*)?$"
# an address inside other text: "Ada <a@x.example>", "mailto:a@x.example", "a@x.example (home)"
_IN_TEXT = re.compile(rf"[^\s@,;|<>()\[\]:\"]+@{_PART}(?:\.{_PART})+")
_CITY_LINE = re.compile(
    r"^(?P<street>.+),\s*(?P<city>[^,]+),\s*(?P<state>[A-Z]{2})\s+(?P<zip>\d{5}(?:-\d{4})?)"
    r"(?:,\s*(?P<country>[^,]+))?$",
    re.DOTALL,
)
_SHORTENED = r"(?m)^\d(?:\.\d+)?[eE]\+?\d+$"
_WITH_DECIMALS = r"(?m)^(\+?\d{4,})\.0$"
ADDRESS = ("street", "city", "state", "postal_code", "country")


def emails(sheet: Sheet) -> dict[str, pa.Array]:
    """Return the first e-mail of each row, and the others, one per line."""
    return _first_and_others(
        "email", _read_emails(sheet, "email"), _read_emails(sheet, "other_emails")
    )


def phones(sheet: Sheet) -> dict[str, pa.Array]:
    """Return the first phone of each row, and the others, one per line."""
    return _first_and_others(
        "phone", _read_phones(sheet, "phone"), _read_phones(sheet, "other_phones")
    )


def address(sheet: Sheet) -> dict[str, pa.Array]:
    """Return the columns of the address; one cell for all of it is split where that is clear."""
    columns = {name: sheet.text(name) for name in ADDRESS}
    columns["postal_code"] = _without_decimals(
        sheet, "postal_code", _without_shortened(sheet, "postal_code", columns["postal_code"])
    )
    if "city" in sheet or "postal_code" in sheet or "street" not in sheet:
        return columns
    cells = columns["street"].to_pylist()
    matches = [_CITY_LINE.match(cell or "") for cell in cells]
    columns["street"] = pa.array(
        [match["street"] if match else cell for match, cell in zip(matches, cells, strict=True)],
        pa.string(),
    )
    for name, group in (
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "zip"),
        ("country", "country"),
    ):
        columns[name] = pa.array(
            [match[group] if match else None for match in matches], pa.string()
        )
    return columns


def _first_and_others(name: str, column: pa.Array, rest: pa.Array) -> dict[str, pa.Array]:
    """Return the first line of each cell, and its other lines with those of the second column."""
    further = pc.replace_substring_regex(column, r"^[^\n]*\n?", "")
    both = pc.utf8_trim(
        pc.binary_join_element_wise(pc.fill_null(further, ""), pc.fill_null(rest, ""), "\n"), "\n "
    )
    return {
        name: pc.replace_substring_regex(column, r"(?s)\n.*$", ""),
        f"other_{name}s": pc.if_else(pc.equal(both, ""), None, both),
    }


def _read_emails(sheet: Sheet, name: str) -> pa.Array:
    """Return the e-mails of each cell, one per line, null where there is none."""
    column = sheet.text(name)
    plain = pc.fill_null(pc.match_substring_regex(column, _EMAILS), True)
    lines = pc.utf8_trim(pc.replace_substring_regex(column, r"[\s,;|]+", "\n"), "\n")
    if pc.all(plain).as_py():
        return lines
    codes, words = coded(pc.if_else(plain, "", column))
    found = [_IN_TEXT.findall(word) for word in words]
    read = ["\n".join(part.strip("'") for part in parts) or None for parts in found]
    unread = {i for i, word in enumerate(words) if word and not found[i]}
    partly = {i for i, word in enumerate(words) if found[i] and "@" in _IN_TEXT.sub("", word)}
    sheet.leave_empty(
        np.flatnonzero(np.isin(codes, list(unread))),
        name,
        lambda index: Problem("not_an_email", {"text": words[codes[index]]}),
    )
    sheet.note(
        np.flatnonzero(np.isin(codes, list(partly))),
        name,
        lambda index: Problem(
            "email_partly_read",
            {"text": words[codes[index]], "email": ", ".join(found[codes[index]])},
        ),
    )
    return pc.if_else(plain, lines, pa.array(read, pa.string()).take(pa.array(codes)))


def _read_phones(sheet: Sheet, name: str) -> pa.Array:
    """Return the phones of each cell, one per line, null where there is none."""
    column = pc.replace_substring_regex(sheet.text(name), r"\s*[;|\n]\s*", "\n")
    column = pc.utf8_trim(pc.replace_substring_regex(column, text.AROUND_NUMBERS, ""), "\n ")
    column = _without_shortened(sheet, name, column)
    wordy = pc.fill_null(pc.invert(pc.match_substring_regex(column, r"\p{Nd}")), False)
    sheet.leave_empty(
        np.flatnonzero(wordy.to_numpy(zero_copy_only=False)),
        name,
        lambda index: Problem("not_a_phone", {"text": column[index].as_py()}),
    )
    return _without_decimals(sheet, name, pc.if_else(wordy, None, column))


def _without_shortened(sheet: Sheet, name: str, column: pa.Array) -> pa.Array:
    """Leave numbers empty whose last digits a spreadsheet has lost: "5.55E+09"."""
    shortened = pc.fill_null(pc.match_substring_regex(column, _SHORTENED), False)
    sheet.leave_empty(
        np.flatnonzero(shortened.to_numpy(zero_copy_only=False)),
        name,
        lambda index: Problem("number_shortened", {"text": column[index].as_py()}),
    )
    return pc.if_else(shortened, None, column)


def _without_decimals(sheet: Sheet, name: str, column: pa.Array) -> pa.Array:
    """Return numbers without a spreadsheet's ".0", with one note for the column."""
    affected = pc.fill_null(pc.match_substring_regex(column, _WITH_DECIMALS), False)
    first = np.flatnonzero(affected.to_numpy(zero_copy_only=False))[:1]
    sheet.note(first, name, lambda index: decimals_removed(column[index].as_py()))
    return pc.replace_substring_regex(column, _WITH_DECIMALS, r"\1")
