"""SQL of the list of donors: sorted pages, by person or by household."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.types import TypeEngine

from app.accounts import Actor
from app.db import Session
from app.db.models import Donor, DonorRhythm, DonorSummary, DonorYear, User
from app.donors.anonymity import marked_anonymous, shown_name
from app.donors.queries.conditions.checked import CheckedConditions
from app.donors.queries.giving import giving_now, pledge_late
from app.donors.queries.rows import DonorListRow
from app.donors.queries.search import in_scope
from app.donors.queries.units import giving_units, unit_states
from app.donors.results import Credit, Cursor, DonorFilter, Unit


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key, whether it is descending, and the type its cursor value is cast to."""

    column: SQLColumnExpression[Any]
    descending: bool
    type: TypeEngine[Any] | type[TypeEngine[Any]]


def page(
    db: Session,
    actor: Actor,
    donor_filter: DonorFilter,
    *,
    sort: str,
    fiscal_year: int,
    after: Cursor | None,
    limit: int,
    similar: bool,
    conditions: CheckedConditions | None,
) -> Sequence[DonorListRow]:
    """Return one sorted page; rows without a sort value come last, by id."""
    lines, sort_key = _lines(actor, donor_filter, sort, fiscal_year)
    base = in_scope(lines, actor, donor_filter, similar=similar, conditions=conditions)
    rows: list[DonorListRow] = []
    if after is None or after.value is not None:
        valued = base.where(sort_key.column.is_not(None)).limit(limit)
        if after is not None:
            valued = valued.where(_after_cursor(sort_key, after))
        direction = sort_key.column.desc() if sort_key.descending else sort_key.column.asc()
        rows = list(db.execute(valued.order_by(direction, Donor.id)).all())
        after = None
    if len(rows) < limit:
        rest = base.where(sort_key.column.is_(None)).order_by(Donor.id).limit(limit - len(rows))
        if after is not None:
            rest = rest.where(Donor.id > after.donor_id)
        rows += db.execute(rest).all()
    return rows


def _after_cursor(sort_key: Sort, after: Cursor) -> ColumnElement[bool]:
    value = cast(after.value, sort_key.type)
    past = sort_key.column < value if sort_key.descending else sort_key.column > value
    # this condition lets PostgreSQL start from an index
    from_cursor = sort_key.column <= value if sort_key.descending else sort_key.column >= value
    return and_(from_cursor, or_(past, Donor.id > after.donor_id))


def _lines(
    actor: Actor, donor_filter: DonorFilter, sort: str, fiscal_year: int
) -> tuple[Select[Any], Sort]:
    """Return the select of the list, without its filter, and its sort key."""
    if (donor_filter.unit, donor_filter.credit) == (Unit.PERSON, Credit.HARD):
        return _own_lines(actor, sort, fiscal_year)
    giving = giving_units.giving(
        actor, donor_filter.unit, donor_filter.credit, fiscal_year=fiscal_year
    )
    sort_key = _sorts(actor, giving, giving.c.year_minor)[sort]
    columns = _columns(actor, giving, func.coalesce(giving.c.year_minor, 0), sort_key)
    if donor_filter.unit == Unit.HOUSEHOLD:
        joint: dict[str, ColumnElement[Any]] = {
            "status": unit_states.unit_status(actor),
            "giving": unit_states.unit_giving(actor),
            "pledge_late": unit_states.unit_late(actor),
        }
        columns = [
            joint[column.name].label(column.name) if column.name in joint else column
            for column in columns
        ]
    statement = select(*columns).select_from(Donor)
    statement = statement.outerjoin(giving, giving.c.donor_id == Donor.id)
    return _with_details(statement), sort_key


def _own_lines(actor: Actor, sort: str, fiscal_year: int) -> tuple[Select[Any], Sort]:
    """Return the select by person of own gifts, which needs no aggregate and can use an index."""
    of_year = and_(DonorYear.donor_id == Donor.id, DonorYear.fiscal_year == fiscal_year)
    # a subquery for the shown rows only; joined only when the page is sorted by this column
    joined = sort == "this year"
    looked_up = select(DonorYear.total_minor).where(of_year).correlate(Donor).scalar_subquery()
    year = func.coalesce(DonorYear.total_minor if joined else looked_up, 0)
    summary = DonorSummary.__table__
    sort_key = _sorts(actor, summary, DonorYear.total_minor)[sort]
    statement = (
        select(*_columns(actor, summary, year, sort_key))
        .select_from(Donor)
        .outerjoin(DonorSummary, DonorSummary.donor_id == Donor.id)
    )
    statement = _with_details(statement)
    return (statement.outerjoin(DonorYear, of_year) if joined else statement), sort_key


def _sorts(actor: Actor, giving: FromClause, year: SQLColumnExpression[Any]) -> dict[str, Sort]:
    return {
        "name": Sort(func.lower(shown_name(actor)), False, Text),
        "last gift": Sort(giving.c.last_gift_date, True, Date),
        "this year": Sort(year, True, DonorYear.total_minor.type),
        "lifetime": Sort(giving.c.total_minor, True, DonorSummary.total_minor.type),
        "last contact": Sort(Donor.last_contacted_on, True, Date),
    }


def _columns(
    actor: Actor, giving: FromClause, year: ColumnElement[Any], sort_key: Sort
) -> list[Any]:
    return [
        Donor.id,
        shown_name(actor).label("name"),
        marked_anonymous(actor).label("anonymous"),
        Donor.kind,
        Donor.status,
        Donor.owner_id,
        User.name.label("owner_name"),
        giving_now().label("giving"),
        pledge_late().label("pledge_late"),
        DonorRhythm.rhythm_days,
        func.coalesce(giving.c.gifts, 0).label("gifts"),
        giving.c.last_gift_date,
        year.label("year_minor"),
        func.coalesce(giving.c.total_minor, 0).label("total_minor"),
        Donor.last_contacted_on,
        cast(sort_key.column, Text).label("sort_value"),
    ]


def _with_details(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(DonorRhythm, DonorRhythm.donor_id == Donor.id).outerjoin(
        User, User.id == Donor.owner_id
    )
