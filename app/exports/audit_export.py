"""Export of the audit log as CSV or workbook, for administrators and finance."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import IO

from app import audit
from app.accounts import AUDITORS, Actor, require, require_confirmed
from app.audit import ActivityFilter
from app.db import Session
from app.exports.columns import Column
from app.exports.formats import require_form
from app.exports.recording import Export, record_export
from app.exports.workbook import Later, write_workbook
from app.kit.formatting import count
from app.kit.security.csv_injection import safe
from app.workbook_writer.cell_types import Holds

_WORD, _TEXT, _NUMBER = Column(""), Column("", Holds.TEXT), Column("", Holds.NUMBER)
COLUMNS = {
    "line": _NUMBER,
    "at": _WORD,
    "who": _TEXT,
    "action": _WORD,
    "record": _NUMBER,
    "donor_id": _NUMBER,
    "what": _TEXT,
    "before": _TEXT,
    "after": _TEXT,
    "address": _WORD,
}


def write_activity(
    db: Session,
    actor: Actor,
    *,
    filter: ActivityFilter,  # noqa: A002
    out: IO[bytes],
    form: str = "csv",
    later: Later | None = None,
    now: datetime | None = None,
) -> int:
    """Write the audit log lines that match `filter` to `out`, newest first; return how many.

    The callables appended to `later` complete `out` and must be called after the transaction.
    `now` is the current time, for the check that a user on a screen has confirmed recently.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
        ConfirmFirstError: the user must confirm first, because the audit log names every donor.
        InvalidError: the file format is unknown, or the data exceeds the limits of a workbook.
    """
    require(actor, *AUDITORS)
    require_confirmed(db, actor, now=now)
    require_form(form)
    if form == "csv":
        lines = _table(out, db, filter, guard=safe)
    else:
        # workbook cells have a type, so text needs no guard against formulas
        table = partial(_table, db=db, filter=filter, guard=str)
        lines = write_workbook(
            COLUMNS, table, out, name="what happened", locale=actor.locale, later=later
        )
    record_export(db, Export(actor, f"{count(lines, 'line')} of the audit log"), later=later)
    return lines


def _table(
    out: IO[bytes],
    db: Session,
    filter: ActivityFilter,  # noqa: A002
    guard: Callable[[str], str],
) -> int:
    text_file = io.TextIOWrapper(out, "utf-8", newline="")
    file = csv.writer(text_file)
    file.writerow(COLUMNS)
    lines = 0
    for lines, entry in enumerate(audit.iter_lines(db, filter=filter), 1):  # noqa: B007
        cells = (
            entry.activity_id,
            entry.at.isoformat(),
            entry.who,
            entry.action,
            entry.entity_id,
            entry.donor_id,
            entry.sentence,
            _json(entry.before),
            _json(entry.after),
            entry.address,
        )
        file.writerow(["" if cell is None else guard(str(cell)) for cell in cells])
    text_file.detach()
    return lines


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
