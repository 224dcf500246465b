"""Refuse rows whose cells hold characters or names that forms do not accept."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.imports.parsing.columns import Sheet
from app.kit.text import LONGEST_NAME, REFUSED

INVISIBLE = "This cell contains invisible control characters. Type it again in the file."
TOO_LONG = f"A name may have {LONGEST_NAME} characters at most."
NAMES = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "spouse_first_name",
        "spouse_last_name",
        "salutation",
        "fund",
    }
)
# address books wrap numbers in characters that parsing removes
NUMBERS = frozenset({"phone", "other_phones"})


def refuse_texts(sheet: Sheet) -> None:
    """Refuse rows with control characters in a cell, or with a name that is too long.

    A row of DonorCRM's own export may keep a longer name, stored before the limit existed.
    """
    ours = _ours(sheet)
    for name in sheet.columns:
        column = sheet.raw(name)
        if name not in NUMBERS:
            sheet.refuse(_at(pc.match_substring_regex(column, REFUSED)), name, INVISIBLE)
        if name in NAMES:
            long = pc.greater(pc.utf8_length(column), LONGEST_NAME)
            sheet.refuse(_at(pc.and_not(long, ours)), name, TOO_LONG)


def _ours(sheet: Sheet) -> Any:
    return pc.starts_with(pa.array(sheet.raw("external_id")), f"{sheet.options.instance_id}-")


def _at(rows: Any) -> Any:
    return np.flatnonzero(rows.to_numpy(zero_copy_only=False))
