"""The numbers of the Today screen and the dashboard. Read-only."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date

from app import goals
from app.accounts import Actor, organisation
from app.cache import cached
from app.db import Session
from app.db.data_version import current_version
from app.insights import rules
from app.insights.awaiting_rate import awaiting_rates
from app.insights.income import MONTHS, fiscal_year_so_far, income, incomes_shown, months
from app.insights.queries import changes as queries
from app.insights.queries import gifts as gift_queries
from app.insights.queries import retention as retention_queries
from app.insights.queries import stored_periods
from app.insights.queries.periods import ComparedPeriods
from app.insights.results import (
    Changes,
    ChangeStep,
    Dashboard,
    DashboardFilter,
    DonorChange,
)
from app.insights.rules import Change, Sums
from app.kit.dates.days import (
    fiscal_year,
)
from app.kit.dates.period_rollup import by_years
from app.kit.money import Money

TOP_DONORS = 10


def dashboard(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    today: date,
) -> Dashboard:
    """Return every number of the dashboard, for the filter within the actor's donors.

    Cached by actor, filter, day and data version; web processes with a common Redis share it.
    """

    def make() -> Dashboard:
        with cache_settings(db):
            return _dashboard(db, actor, filter, today)

    asked_for = (actor, filter, today)
    return cached(Dashboard, asked_for, lambda: current_version(db), make)


@contextmanager
def cache_settings(db: Session) -> Iterator[None]:
    """Read the organisation's settings once for all queries inside the context."""
    organisation_row = gift_queries.organisation_row(db)
    yield
    del organisation_row


def _dashboard(db: Session, actor: Actor, filter: DashboardFilter, today: date) -> Dashboard:  # noqa: A002
    restricted = goals.restricted_actor(
        db, actor, owner_id=filter.owner_id, team_of=filter.team_of
    )
    _, now = rules.spans(filter.period, today, organisation(db).fiscal_start_month)
    fund_id = filter.fund_id
    known = incomes_shown(db, restricted, today=today, span=now) if fund_id is None else {}
    progress = None
    if fund_id is None:
        progress = goals.progress(db, restricted, today=today, known=known)
    return Dashboard(
        filter=filter,
        progress=progress,
        year=fiscal_year_so_far(db, restricted, today=today, fund_id=fund_id, known=known),
        income=income(db, restricted, span=now, fund_id=fund_id, known=known),
        months=months(db, restricted, today=today, fund_id=fund_id, known=known),
        changes=changes(db, restricted, filter=_without_owner(filter), today=today),
        awaiting_rate=awaiting_rates(db, restricted, filter=filter, today=today, months=MONTHS),
    )


def changes(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    today: date,
) -> Changes:
    """Compare the filter's period with the one before: new, kept, changed and lapsed donors."""
    restricted = goals.restricted_actor(
        db, actor, owner_id=filter.owner_id, team_of=filter.team_of
    )
    periods = compared_periods(db, filter, today)
    currency = organisation(db).currency
    rows = queries.changes(db, restricted, periods, limit=TOP_DONORS)
    sums = {
        Change(queries.CHANGES[row.kind]): Sums(
            *(int(getattr(row, field.name) or 0) for field in fields(Sums))
        )
        for row in rows
        if row.part == "sum"
    }
    for row in rows:
        if row.part == "once":
            shared = rules.shared(sums, int(row.before), int(row.now))
            sums |= {Change.SHARED: shared} if shared != Sums() else {}
    return _changes(periods, sums, rows, currency)


def retention_by_year(
    db: Session, actor: Actor, *, today: date, number: int
) -> list[tuple[int, float]]:
    """Return donor retention (0..1) of the last complete fiscal years, as (year, share)."""
    last = fiscal_year(today, organisation(db).fiscal_start_month) - 1
    rows = retention_queries.retention_by_year(db, actor, first=last - number + 1, last=last)
    return [(year, gave_again / gave) for year, gave, gave_again in rows]


def _changes(
    periods: ComparedPeriods,
    sums: Mapping[Change, Sums],
    rows: Sequence[queries.ChangeRow],
    currency: str,
) -> Changes:
    def money(minor: int) -> Money:
        return Money(minor, currency)

    before = sum(change_sums.before for change_sums in sums.values())
    now = sum(change_sums.now for change_sums in sums.values())
    gains, losses = rules.gains_and_losses(sums)
    average = rules.average(sums)
    steps = (
        ChangeStep(kind, sums[kind].donors, money(sums[kind].now - sums[kind].before))
        for kind in Change
        if kind in sums
    )
    return Changes(
        before_span=periods.before,
        span=periods.now,
        before=money(before),
        now=money(now),
        steps=tuple(steps),
        gains=money(gains),
        losses=money(losses),
        donors_before=rules.donors(sums, rules.GAVE_BEFORE),
        donors_now=rules.donors(sums, rules.GIVE_NOW),
        donors_kept=rules.donors(sums, rules.KEPT),
        retention=rules.retention(sums),
        gift_retention=rules.gift_retention(sums),
        new_retention=rules.new_retention(sums),
        repeat_retention=rules.repeat_retention(sums),
        growth=rules.growth(now, before),
        average=None if average is None else money(average),
        top=_donors(rows, "top", currency),
        moved=_donors(rows, "moved", currency),
    )


def _donors(
    rows: Sequence[queries.ChangeRow], part: str, currency: str
) -> tuple[DonorChange, ...]:
    part_rows = [row for row in rows if row.part == part]
    sizes = {row: row.now if part == "top" else abs(row.now - row.before) for row in part_rows}
    return tuple(
        DonorChange(
            row.donor_id,
            row.name,
            Money(int(row.before), currency),
            Money(int(row.now), currency),
            row.anonymous,
        )
        for row in sorted(part_rows, key=lambda row: (-sizes[row], row.donor_id))
    )


def compared_periods(
    db: Session, dashboard_filter: DashboardFilter, today: date
) -> ComparedPeriods:
    """Return the filter's two periods with the fiscal years and edges that cover them."""
    start = organisation(db).fiscal_start_month
    before, now = rules.spans(dashboard_filter.period, today, start)
    covers = by_years(before, start), by_years(now, start)
    edge_days = sum(span.days for cover in covers for span, _ in cover.edges)
    days_off = None
    # of a fund no sums are stored, and whole fiscal years need no correction
    if dashboard_filter.fund_id is None and edge_days:
        days_off = stored_periods.days_from_stored(db, before, now)
    return ComparedPeriods(
        before,
        now,
        *covers,
        dashboard_filter.fund_id,
        dashboard_filter.unit,
        dashboard_filter.credit,
        stored=days_off is not None and days_off < edge_days,
    )


def _without_owner(dashboard_filter: DashboardFilter) -> DashboardFilter:
    """Return the filter for an actor who is already restricted to its owners."""
    return replace(dashboard_filter, owner_id=None, team_of=None)
