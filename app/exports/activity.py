"""The record of what happened as a file, for administrators."""

import csv
import io
import json
from typing import IO

from app import audit
from app.accounts import AUDITORS, Actor, require
from app.audit import ActivityFilter
from app.db import Session
from app.kit.cells import safe
from app.kit.words import count

HEADER = (
    "line",
    "at",
    "who",
    "action",
    "record",
    "donor_id",
    "what",
    "before",
    "after",
    "address",
)


def write_activity(
    db: Session,
    actor: Actor,
    *,
    filter: ActivityFilter,  # noqa: A002
    out: IO[bytes],
) -> int:
    """Write the lines that fit as CSV into `out`, newest first; return how many.

    Raises:
        NotAllowedError: the actor is neither an administrator nor of finance.
    """
    require(actor, *AUDITORS)
    words = io.TextIOWrapper(out, "utf-8", newline="")
    file = csv.writer(words)
    file.writerow(HEADER)
    lines = 0
    for lines, one in enumerate(audit.every(db, filter=filter), 1):  # noqa: B007
        cells = (
            one.activity_id, one.at.isoformat(), one.who, one.action, one.entity_id, one.donor_id,
            one.sentence, _json(one.before), _json(one.after), one.address,
        )  # fmt: skip
        file.writerow(["" if cell is None else safe(str(cell)) for cell in cells])
    words.detach()
    audit.record(
        db, actor_id=actor.user_id, action="export.written", entity="export",
        sentence=f"Exported {count(lines, 'line')} of the record.",
    )  # fmt: skip
    return lines


def _json(values: dict[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""
