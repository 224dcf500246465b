"""The drill-down of the dashboard: the rows that add up to a number. Read-only."""

from collections.abc import Collection
from datetime import date, timedelta

from app import goals
from app.accounts import Actor, organisation
from app.db import Session
from app.insights.queries import changes as queries
from app.insights.queries import gifts as gift_queries
from app.insights.results import DashboardFilter, DonorChange, DrilldownGift, DrilldownRows
from app.insights.rules import Change
from app.insights.service import compared_periods
from app.kit.dates.days import Span, month_of, months_back
from app.kit.money import Money

ROWS = 500


def drilldown_gifts(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    span: Span,
    recurring: bool | None = None,
    limit: int = ROWS,
) -> DrilldownRows[DrilldownGift]:
    """Return the gifts within a span, newest first; their total is the bar's amount."""
    restricted = goals.restricted_actor(
        db, actor, owner_id=filter.owner_id, team_of=filter.team_of
    )
    currency = organisation(db).currency
    rows = gift_queries.drilldown_gifts(
        db, restricted, span=span, fund_id=filter.fund_id, recurring=recurring, limit=limit
    )
    return DrilldownRows(
        rows=tuple(
            DrilldownGift(
                gift_id=row.gift_id,
                donor_id=row.donor_id,
                donor_name=row.donor_name,
                on=row.gift_date,
                amount=None if row.awaiting_rate else Money(row.base_minor, currency),
                fund=row.fund,
                recurring=row.recurring,
                anonymous=row.anonymous,
            )
            for row in rows
        ),
        count=rows[0].number if rows else 0,
        total=Money(int(rows[0].total) if rows else 0, currency),
    )


def drilldown_donors(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    kinds: Collection[Change],
    today: date,
    limit: int = ROWS,
) -> DrilldownRows[DonorChange]:
    """Return the donors with these kinds of change; the changes add up to the bar's amount."""
    restricted = goals.restricted_actor(
        db, actor, owner_id=filter.owner_id, team_of=filter.team_of
    )
    currency = organisation(db).currency
    rows = queries.drilldown_donors(
        db, restricted, compared_periods(db, filter, today), kinds=sorted(kinds), limit=limit
    )
    return DrilldownRows(
        rows=tuple(
            DonorChange(
                row[0], row[1], Money(int(row[2]), currency), Money(int(row[3]), currency), row[7]
            )
            for row in rows
        ),
        count=rows[0][4] if rows else 0,
        total=Money(int(rows[0][6] - rows[0][5]) if rows else 0, currency),
    )


def donor_months(
    db: Session, actor: Actor, *, donor_ids: Collection[int], today: date, number: int = 12
) -> dict[int, list[Money]]:
    """Return each donor's gifts in each of the last months, the current one last."""
    firsts = months_back(today, number)
    span = Span(firsts[0], today + timedelta(days=1))
    currency = organisation(db).currency
    nothing = dict.fromkeys(firsts, Money(0, currency))
    months_of = {donor_id: dict(nothing) for donor_id in donor_ids}
    for donor_id, month, minor in gift_queries.donor_months(
        db, actor, donor_ids=donor_ids, span=span
    ):
        months_of[donor_id][month] = Money(minor, currency)
    return {donor_id: list(months.values()) for donor_id, months in months_of.items()}


def span_of_month(month: date, today: date) -> Span:
    """Return the days of a month that a bar covers: until today at the latest."""
    calendar_month = month_of(month)
    return Span(
        calendar_month.start,
        max(calendar_month.start, min(calendar_month.end, today + timedelta(days=1))),
    )
