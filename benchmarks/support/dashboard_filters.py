"""The processor time of the organisation's dashboard with other filters, and on later days."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from benchmarks.support.sql_clock import SqlClock

if TYPE_CHECKING:
    from app.db import Session
    from app.insights import DashboardFilter

ROUNDS = 3
# of every tenth donor and the next, and of every hundredth gift to another donor
HOUSEHOLDS = """
with made as (
    insert into donor (name, kind, owner_id)
    select 'Household ' || id, 'household', owner_id from donor where id % 10 = 0
    returning id, substr(name, 11)::bigint as number
)
update donor d set household_id = made.id from made
where d.id - d.id % 10 = made.number and d.id % 10 < 2
"""
CREDITS = """
insert into soft_credit (gift_id, donor_id, type, amount_minor)
select g.id, d.id, 'spouse', g.amount_minor from gift g
join donor d on d.id = g.donor_id + 3 where g.id % 100 = 0
"""
# days since the stored periods were moved
LATE = (1, 31)


def measure(email: str, today: date) -> dict[str, float]:
    """Return the milliseconds of the server's processor by what was chosen, the best of a few.

    Households and soft credits are added to the data first.
    """
    from sqlalchemy import text  # noqa: PLC0415

    from app import accounts, insights  # noqa: PLC0415
    from app.cache import versioned_cache  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415
    from app.db.session import engine  # noqa: PLC0415

    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, email)
        db.execute(text("set local statement_timeout = 0"))
        for statement in (HOUSEHOLDS, CREDITS, "analyze"):
            db.execute(text(statement))
    versioned_cache.MOST = 0
    clock = SqlClock()

    def board(dashboard_filter: "DashboardFilter") -> Callable[["Session"], object]:
        return lambda db: insights.dashboard(db, actor, filter=dashboard_filter, today=today)

    times = {name: _fastest(clock, board(chosen)) for name, chosen in _filters().items()}
    with engine().begin() as connection:
        fund = connection.scalar(text("select min(id) from fund"))
    times["one fund"] = _fastest(clock, board(insights.DashboardFilter(fund_id=fund)))
    times["Today"] = _fastest(
        clock, lambda db: insights.load_today_summary(db, actor, today=today)
    )
    for days in LATE:
        with transaction_for_system() as db:
            insights.move_stored_periods(db, today=today - timedelta(days=days))
        name = f"periods stored {days} days ago"
        times[name] = _fastest(clock, board(insights.DashboardFilter()))
    return times


def _filters() -> Mapping[str, "DashboardFilter"]:
    from app.donors import Credit, Unit  # noqa: PLC0415
    from app.insights import DashboardFilter, Period  # noqa: PLC0415

    return {
        "no filter": DashboardFilter(),
        "households": DashboardFilter(unit=Unit.HOUSEHOLD),
        "soft credits alone": DashboardFilter(credit=Credit.SOFT),
        "own gifts and soft credits": DashboardFilter(credit=Credit.BOTH),
        "households with soft credits": DashboardFilter(unit=Unit.HOUSEHOLD, credit=Credit.BOTH),
        "this year": DashboardFilter(period=Period.FISCAL_YEAR),
        "last year": DashboardFilter(period=Period.LAST_FISCAL_YEAR),
    }


def _fastest(clock: SqlClock, read: Callable[["Session"], object]) -> float:
    from app.db import transaction_for_system  # noqa: PLC0415

    spent = []
    for _ in range(ROUNDS):
        with transaction_for_system() as db:
            clock.begin()
            read(db)
            spent.append(clock.read().processor)
    return min(spent) * 1000


def format_lines(times: Mapping[str, float]) -> list[str]:
    """Return the lines of the report: each time, and its ratio to that without a filter."""
    first = times["no filter"]
    return [
        f"  {name:32} {spent:8.1f} ms of processor time, {spent / first:.1f} ×"
        for name, spent in times.items()
    ]
