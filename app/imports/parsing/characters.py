"""Refuse rows whose cells hold characters or names that forms do not accept."""

import numpy as np

from app.imports.parsing.columns import Sheet
from app.imports.values import arrays
from app.imports.values.cells import GREETINGS, NAMES, NUMBERS, is_side
from app.imports.values.problems import Problem
from app.kit.text import INVISIBLE, LONGEST_NAME, REFUSED

_INVISIBLE = Problem("invisible_characters")
_REMOVED = Problem("invisible_removed")
_TOO_LONG = Problem("name_too_long", {"most": LONGEST_NAME})


def refuse_texts(sheet: Sheet) -> None:
    """Refuse rows with control characters in a cell, or with a name that is too long.

    Invisible characters that `Sheet.cells` removes are noted. A row of DonorCRM's own export may
    keep a longer name, stored before the limit existed.
    """
    exported = sheet.exported()
    if exported is None:
        exported = np.zeros(sheet.table.height, dtype=bool)
    for name in sheet.columns:
        raw, column = sheet.raw(name), sheet.cells(name)
        if name not in NUMBERS and not is_side(name):
            refused = arrays.is_true(column.str.contains(REFUSED)) & ~exported
            sheet.refuse(np.flatnonzero(refused), name, _INVISIBLE)
        if name in NAMES:
            blank = arrays.is_true(raw.str.contains(f"^{INVISIBLE}+$")) & ~exported
            sheet.refuse(np.flatnonzero(blank), name, _INVISIBLE)
        if name in NAMES | GREETINGS:
            long = arrays.is_true(column.str.len() > LONGEST_NAME) & ~exported
            if name in NAMES:
                sheet.refuse(np.flatnonzero(long), name, _TOO_LONG)
            else:
                sheet.leave_empty(np.flatnonzero(long), name, _TOO_LONG)
                sheet.replace(name, arrays.where(long, "", column))
        sheet.note(sheet.cleaned[name][~sheet.bad[sheet.cleaned[name]]], name, _REMOVED)
