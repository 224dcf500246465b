"""Writing what a person may see to a file: complete, streamed, safe for spreadsheets."""

from datetime import date
from functools import partial
from typing import IO

from app import donors
from app.accounts import Actor, Role, require
from app.db import Session
from app.exports import queries
from app.exports.asked import WHOLE, Asked, checked_columns
from app.exports.asked import rows as rows_asked
from app.exports.figures import write_figures
from app.exports.forms import require_form
from app.exports.queries_kinds import TABLE, Kind
from app.exports.recording import record_export, tell_administrators
from app.exports.workbook import Later, write_workbook
from app.kit.errors import InvalidError
from app.kit.words import count

KINDS = tuple(TABLE)
# what the importer takes back
RETURNING = tuple(kind.name for kind in TABLE.values() if kind.returns)
_EXPORTERS = (Role.FUNDRAISER, Role.SUPERVISOR, Role.FINANCE, Role.READ_ONLY, Role.ADMIN)


def exportable(actor: Actor) -> tuple[str, ...]:
    """Return the kinds of file this person may write; none for a coach."""
    return tuple(name for name, kind in TABLE.items() if actor.role in _may(kind))


def counts(db: Session, actor: Actor) -> dict[str, int]:
    """Return how many rows each file would have; the figures are not counted before."""
    return {
        kind: queries.count_rows(db, actor, TABLE[kind])
        for kind in exportable(actor)
        if TABLE[kind].source
    }


def write(
    db: Session,
    actor: Actor,
    *,
    kind: str,
    out: IO[bytes],
    today: date,
    form: str = "csv",
    asked: Asked = WHOLE,
    later: Later | None = None,
) -> int:
    """Stream the rows of a kind in the actor's sight into `out`; return how many.

    `today` is the day the figures are of, and on which pledges stand somewhere. What `later` gets
    is to be called after the transaction, and completes `out`.

    Raises:
        NotAllowedError: the role does not export this.
        InvalidError: there is no such file, or a workbook cannot hold it.
    """
    chosen = _named(kind, form)
    require(actor, *_may(chosen))
    ids = rows_asked(db, actor, kind, asked, today=today)
    names = checked_columns(kind, asked.columns) or tuple(chosen.columns)
    columns = {name: chosen.columns[name] for name in names}
    if chosen.source:
        table = partial(queries.write, db, actor, chosen, form=form, columns=columns, ids=ids)
    else:
        table = partial(write_figures, db, actor, header=tuple(chosen.columns), today=today)
    if form == "xlsx":
        table = partial(write_workbook, columns, table, name=kind, later=later)
    rows = table(out)
    donors.note_export(db, actor, kind=kind, ids=ids)
    record_export(db, actor, what=count(rows, chosen.one), later=later)
    if _is_everything(db, actor, chosen, rows):
        what = f"Every {chosen.one} ({rows:,}) was"
        tell_administrators(db, actor, what=what, later=later)
    return rows


def file_name(kind: str, *, today: date, form: str = "csv") -> str:
    """Return what the file is called: "donors-2026-11-23.csv"."""
    return f"{kind}-{today.isoformat()}.{form}"


def _is_everything(db: Session, actor: Actor, kind: Kind, rows: int) -> bool:
    """Whether a file of so many rows names everybody of the organisation that its kind has."""
    return bool(
        rows
        and kind.about_people
        and actor.sees_everyone
        and rows >= queries.count_rows(db, actor, kind)
    )


def _named(kind: str, form: str) -> Kind:
    if kind not in TABLE:
        msg = f"There is no export of {kind}. Choose one of {', '.join(KINDS)}."
        raise InvalidError(msg)
    require_form(form)
    return TABLE[kind]


def _may(kind: Kind) -> tuple[Role, ...]:
    return tuple(role for role in _EXPORTERS if role != Role.FINANCE or kind.finance)
