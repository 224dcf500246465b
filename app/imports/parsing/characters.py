"""Refuse rows whose cells hold characters or names that forms do not accept."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.imports.parsing.columns import Sheet
from app.imports.values.cells import NAMES, NUMBERS
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
    exported = _own_exports(sheet)
    for name in sheet.columns:
        raw, column = sheet.raw(name), sheet.cells(name)
        if name not in NUMBERS:
            sheet.refuse(_positions(pc.match_substring_regex(column, REFUSED)), name, _INVISIBLE)
        if name in NAMES:
            blank = pc.match_substring_regex(raw, f"^{INVISIBLE}+$")
            sheet.refuse(_positions(blank), name, _INVISIBLE)
            long = pc.greater(pc.utf8_length(column), LONGEST_NAME)
            sheet.refuse(_positions(pc.and_not(long, exported)), name, _TOO_LONG)
        sheet.note(sheet.cleaned[name][~sheet.bad[sheet.cleaned[name]]], name, _REMOVED)


def _own_exports(sheet: Sheet) -> pa.BooleanArray:
    """Return which rows come from an export of this instance."""
    return pc.starts_with(pa.array(sheet.raw("external_id")), f"{sheet.options.instance_id}-")


def _positions(mask: pa.BooleanArray) -> NDArray[np.intp]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))
