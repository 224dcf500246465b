"""Writing what a person may see to a file: complete, streamed, safe for spreadsheets."""

from datetime import date
from typing import IO

from app import audit, donors
from app.accounts import Actor, Role, require
from app.db import Session
from app.exports import queries
from app.kit.errors import InvalidError
from app.kit.words import count

KINDS = ("donors", "gifts", "pledges", "funds")
COLUMNS = queries.COLUMNS
_EXPORTERS = (Role.FUNDRAISER, Role.SUPERVISOR, Role.FINANCE, Role.READ_ONLY, Role.ADMIN)
_FINANCE = ("gifts", "funds")


def exportable(actor: Actor) -> tuple[str, ...]:
    """Return the kinds of file this person may write; none for a coach."""
    if actor.role not in _EXPORTERS:
        return ()
    return _FINANCE if actor.role == Role.FINANCE else KINDS


def counts(db: Session, actor: Actor) -> dict[str, int]:
    """Return how many rows each file would have."""
    return {kind: queries.count_rows(db, actor, kind) for kind in exportable(actor)}


def write(db: Session, actor: Actor, *, kind: str, out: IO[bytes]) -> int:
    """Stream every row of a kind in the actor's sight as CSV into `out`; return how many.

    Raises:
        NotAllowedError: the role does not export this.
        InvalidError: there is no such kind of file.
    """
    if kind not in KINDS:
        msg = f"There is no export of {kind}. Choose one of {', '.join(KINDS)}."
        raise InvalidError(msg)
    require(actor, *(role for role in _EXPORTERS if role != Role.FINANCE or kind in _FINANCE))
    rows = queries.write(db, actor, kind, out)
    donors.note_export(db, actor, kind=kind)
    audit.record(
        db, actor_id=actor.user_id, action="export.written", entity="export",
        sentence=f"Exported {count(rows, kind.removesuffix('s'))}.",
    )  # fmt: skip
    return rows


def file_name(kind: str, *, today: date) -> str:
    """Return what the file is called: "donors-2026-11-23.csv"."""
    return f"{kind}-{today.isoformat()}.csv"
