"""Export of the rows in a user's scope to a file: streamed and safe from CSV injection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import IO

from app import donors
from app.accounts import Actor, Role, organisation, require, require_confirmed
from app.db import Session
from app.donors import DonorFilter
from app.exports.columns import Column
from app.exports.custom_columns import with_custom_fields
from app.exports.export_query import EVERYTHING, ExportQuery, checked_columns, counting_words
from app.exports.export_query import rows as rows_asked
from app.exports.formats import require_form
from app.exports.kpi_rows import write_figures
from app.exports.queries import rows as queries
from app.exports.queries.dataset_kind import Counting
from app.exports.queries.datasets import TABLE, Kind
from app.exports.recording import Export, record_export
from app.exports.workbook import Later, write_workbook
from app.insights import DashboardFilter
from app.kit.dates.days import fiscal_year
from app.kit.errors import InvalidError
from app.kit.formatting import count

KINDS = tuple(TABLE)
# the kinds that can be imported again
IMPORTABLE = tuple(kind.name for kind in TABLE.values() if kind.importable)
_EXPORTERS = (Role.FUNDRAISER, Role.SUPERVISOR, Role.FINANCE, Role.READ_ONLY, Role.ADMIN)


def exportable(actor: Actor) -> tuple[str, ...]:
    """Return the kinds of file the actor may export; none for a coach."""
    return tuple(name for name, kind in TABLE.items() if actor.role in allowed_roles(kind))


def counts(db: Session, actor: Actor) -> dict[str, int]:
    """Return the number of rows of each kind, except the figures, which are not counted."""
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
    query: ExportQuery = EVERYTHING,
    later: Later | None = None,
    now: datetime | None = None,
) -> int:
    """Stream the rows of a kind in the actor's scope to `out`; return how many.

    `today` is the date for figures and for the state of pledges. The callables appended to
    `later` complete `out` and must be called after the transaction. `now` is the current time,
    for the check that a user on a screen has confirmed recently.

    Raises:
        NotAllowedError: the role may not export this kind.
        ConfirmFirstError: the file names most donors of the organisation; the user must confirm.
        InvalidError: the kind or format is unknown, or the data exceeds a workbook's limits.
    """
    export_kind = _require_kind(kind, form)
    require(actor, *allowed_roles(export_kind))
    ids = rows_asked(db, actor, kind, query, today=today)
    named = donors.named_in_export(db, actor, kind=kind, ids=ids)
    everything = describe_bulk_export(db, actor, export_kind, ids, named, now)
    names = checked_columns(kind, query.columns) or tuple(export_kind.columns)
    columns = with_custom_fields(db, {name: export_kind.columns[name] for name in names})
    table = _table(db, actor, export_kind, query, form=form, columns=columns, ids=ids, today=today)
    if form == "xlsx":
        table = partial(
            write_workbook, columns, table, name=kind, locale=actor.locale, later=later
        )
    rows = table(out)
    export = Export(actor, count(rows, export_kind.noun), named, everything)
    record_export(db, export, later=later)
    return rows


def file_name(
    kind: str, *, today: date, form: str = "csv", query: ExportQuery = EVERYTHING
) -> str:
    """Return the name of the file: "donors-by-household-2026-11-23.csv"."""
    name = "-".join((kind, *counting_words(query), today.isoformat())).replace(" ", "-")
    return f"{name}.{form}"


def describe_bulk_export(
    db: Session,
    actor: Actor,
    kind: Kind,
    ids: Sequence[int] | None,
    named: Sequence[int],
    now: datetime | None,
) -> str:
    """Describe an export of most rows or most donors; return "" for any other one.

    A filter that matches more than half counts as all, because it would be an easy way around
    the check. A user on a screen must confirm first; an API token got its export scope earlier.
    """
    if not (kind.about_people and actor.sees_everyone):
        return ""
    total = queries.count_rows(db, actor, kind)
    selected = total if ids is None else len(ids)
    if selected * 2 <= total and not _names_most_donors(db, actor, named):
        return ""
    if actor.program is None:
        require_confirmed(db, actor, now=now)
    if selected == total:
        return f"Every {kind.noun} ({total:,}) was"
    return f"{count(selected, kind.noun)} of {total:,} were"


def _names_most_donors(db: Session, actor: Actor, named: Sequence[int]) -> bool:
    """Return whether more than half of the donors are in a file, or now in those of 24 hours.

    Few gifts can name many donors, and several small files as many as one large file.
    """
    half = queries.count_rows(db, actor, TABLE["donors"]) / 2
    before, again = queries.count_named_lately(db, actor, named)
    return len(named) > half or before <= half < before + len(named) - again


def _table(
    db: Session,
    actor: Actor,
    kind: Kind,
    query: ExportQuery,
    *,
    form: str,
    columns: Mapping[str, Column],
    ids: Sequence[int] | None,
    today: date,
) -> Callable[[IO[bytes]], int]:
    if not kind.source:
        chosen = query.filter if isinstance(query.filter, DashboardFilter) else None
        header = tuple(kind.columns)
        return partial(write_figures, db, actor, header=header, today=today, filter=chosen)
    counting = Counting(fiscal_year(today, organisation(db).fiscal_start_month))
    if isinstance(query.filter, DonorFilter):
        counting = replace(counting, unit=query.filter.unit, credit=query.filter.credit)
    return partial(
        queries.write, db, actor, kind, form=form, columns=columns, ids=ids, counting=counting
    )


def _require_kind(kind: str, form: str) -> Kind:
    if kind not in TABLE:
        msg = f"There is no export of {kind}. Choose one of {', '.join(KINDS)}."
        raise InvalidError(msg)
    require_form(form)
    return TABLE[kind]


def allowed_roles(kind: Kind) -> tuple[Role, ...]:
    """Return the roles that may export a kind."""
    return tuple(role for role in _EXPORTERS if role != Role.FINANCE or kind.finance)
