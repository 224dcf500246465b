"""Claim: the dashboard's SQL time stays small, however many gifts there are.

The same numbers are read from the summary tables, as the app does, and from the gifts by plain
SQL, in one run on one private server; other filters and late periods, and the saving of a gift,
are measured in the same run. `python -m benchmarks.dashboard [--gifts N] [--donors N] [--ten]
[--json]`; `--ten` measures ten times the gifts of the same donors as well.

Beside the time that passes stands the processor time of the server's process, without parallel
workers: on a machine that does other work meanwhile, compare that.
"""

import argparse
import json
import statistics
from datetime import date
from typing import Literal, NotRequired, TypedDict

from benchmarks.support import dashboard_filters, gift_saving
from benchmarks.support.private_server import private_server
from benchmarks.support.sql_clock import SqlClock, SqlTime

TODAY = date(2026, 11, 23)
ROUNDS = 7
FUNDRAISERS = 100
View = Literal["organisation", "fundraiser"]
LIMITS: dict[View, int] = {"organisation": 60, "fundraiser": 15}
TEN_TIMES_LIMITS: dict[View, int] = {"organisation": 120, "fundraiser": 15}
# how many times as long plain SQL takes at least
REACH: dict[View, int] = {"organisation": 15, "fundraiser": 10}
ADA, RUTH = "ada@example.org", "ruth7@example.org"

# The work the summary tables save: each number computed directly from the gifts.
SCOPE = "join donor d on d.id = g.donor_id where (%(owner)s is null or d.owner_id = %(owner)s)"
PLAIN = (
    # giving by month, 36 months
    f"""select date_trunc('month', g.gift_date),
               sum(g.base_minor) filter (where g.pledge_id is not null),
               sum(g.base_minor) filter (where g.pledge_id is null)
        from gift g {SCOPE} and g.gift_date >= '2023-12-01' and g.gift_date < '2026-11-24'
        group by 1""",
    # the period, in two parts; the fiscal year and last year to date; unlinked gifts of a year
    f"""select sum(g.base_minor) filter (where g.pledge_id is not null),
               sum(g.base_minor) filter (where g.pledge_id is null)
        from gift g {SCOPE} and g.gift_date >= '2025-11-24' and g.gift_date < '2026-11-24'""",
    f"""select sum(g.base_minor) from gift g {SCOPE}
        and g.gift_date >= '2026-01-01' and g.gift_date < '2026-11-24'""",
    f"""select sum(g.base_minor) from gift g {SCOPE}
        and g.gift_date >= '2025-01-01' and g.gift_date < '2025-11-24'""",
    f"""select sum(g.base_minor) from gift g {SCOPE} and g.pledge_id is null
        and g.gift_date >= '2025-11-24' and g.gift_date < '2026-11-24'""",
    # the changes and the largest donors: each donor's two periods and first gift
    f"""with p as materialized (
            select g.donor_id, min(g.gift_date) as first_day,
                   coalesce(sum(g.base_minor) filter (where g.gift_date >= '2024-11-24'
                                             and g.gift_date < '2025-11-24'), 0) as g1,
                   coalesce(sum(g.base_minor) filter (where g.gift_date >= '2025-11-24'
                                             and g.gift_date < '2026-11-24'), 0) as g2
            from gift g {SCOPE} group by 1),
        named as (
            (select donor_id from p order by g2 desc limit 10) union all
            (select donor_id from p order by abs(g2 - g1) desc limit 10))
        select case when g1 > 0 and g2 > 0 then 'kept' when g2 > 0 and first_day >= '2025-11-24'
                    then 'new' when g2 > 0 then 'back' else 'lapsed' end,
               count(*), sum(g1), sum(g2), (select count(*) from named)
        from p where g1 <> 0 or g2 <> 0 group by 1""",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifts", type=int, default=1_000_000)
    parser.add_argument("--donors", type=int, default=50_000)
    parser.add_argument("--ten", action="store_true")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    sizes = [chosen.gifts, *([chosen.gifts * 10] if chosen.ten else [])]
    runs = [one_size(chosen.donors, gifts) for gifts in sizes]
    figures: Figures = {"runs": runs}
    if chosen.ten:
        figures["ten_times_the_gifts"] = {
            view: runs[1][view]["sql_ms"] / runs[0][view]["sql_ms"] for view in LIMITS
        }
    print(json.dumps(figures) if chosen.json else format_report(figures))


class Times(TypedDict):
    """Milliseconds of the dashboard's SQL and of plain SQL, and how they compare."""

    sql_ms: float
    median_ms: float
    processor_ms: float
    statements: int
    again_ms: float
    plain_ms: float
    plain_processor_ms: float
    ratio: float
    processor_ratio: float


class Run(TypedDict):
    """What was measured with one number of gifts, by view, filter, and kind of gift saved."""

    gifts: int
    donors: int
    organisation: Times
    fundraiser: Times
    filters: dict[str, float]
    saving: dict[str, gift_saving.Times]


class Figures(TypedDict):
    """What was measured."""

    runs: list[Run]
    ten_times_the_gifts: NotRequired[dict[str, float]]


def format_report(figures: Figures) -> str:
    lines = []
    for run in figures["runs"]:
        limits = LIMITS if run is figures["runs"][0] else TEN_TIMES_LIMITS
        lines.append(f"{run['gifts']:,} gifts, {run['donors']:,} donors, best of {ROUNDS}")
        for view, limit in limits.items():
            measured = run[view]
            lines.append(
                f"  {view:13} {measured['sql_ms']:8.1f} ms of SQL in {measured['statements']} "
                f"statements (limit: {limit}; median {measured['median_ms']:.1f}); "
                f"again, nothing changed {measured['again_ms']:.1f}; "
                f"plain SQL {measured['plain_ms']:8.1f} ms, {measured['ratio']:.1f} × as long; "
                f"processor time {measured['processor_ms']:.1f} and "
                f"{measured['plain_processor_ms']:.1f} ms, {measured['processor_ratio']:.1f} × "
                f"(to reach: {REACH[view]} ×)"
            )
        lines += dashboard_filters.format_lines(run["filters"])
        lines += gift_saving.format_lines(run["saving"])
    for name, ratio in figures.get("ten_times_the_gifts", {}).items():
        lines.append(f"  ten times the gifts: {name} {ratio:.2f} × the time (to reach: 2.5)")
    return "\n".join(lines)


def one_size(donors: int, gifts: int) -> Run:
    """Fill a private server and measure the dashboard and plain SQL."""
    with private_server():
        fill(donors, gifts)
        return {
            "gifts": gifts,
            "donors": donors,
            "organisation": measure(ADA),
            "fundraiser": measure(RUTH),
            "saving": gift_saving.measure(TODAY),
            "filters": dashboard_filters.measure(ADA, TODAY),
        }


def fill(donors: int, gifts: int) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    from app import demo, insights, pledges  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415
    from app.db.session import engine  # noqa: PLC0415

    with transaction_for_system() as db:
        db.execute(text("set local statement_timeout = 0"))
        db.execute(text("insert into organisation (id, name) values (1, 'Bench')"))
        db.execute(
            text(
                # users who never signed in get no mails about donors
                "insert into app_user (email, name, role, last_sign_in_at)"
                " select 'ruth' || i || '@example.org', 'Ruth', 'fundraiser', now()"
                f" from generate_series(1, {FUNDRAISERS}) i"
                " union all select 'ada@example.org', 'Ada', 'admin', now()"
            )
        )
        db.execute(
            text(
                "insert into monthly_goal (user_id, month, minor)"
                " select id, '2020-01-01', 500000 from app_user where role = 'fundraiser'"
            )
        )
        demo.generate(db, donors=donors, gifts=gifts, seed=1, today=TODAY)
    # as the nightly job has left them
    with transaction_for_system() as db:
        insights.move_stored_periods(db, today=TODAY)
        pledges.refresh_prepaid(db)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("set statement_timeout = 0"))
        # statistics, as autovacuum provides in any database in use
        connection.execute(text("vacuum analyze"))


def measure(email: str) -> Times:
    """Run the dashboard and the plain SQL alternately and return the times."""
    from app import accounts, insights  # noqa: PLC0415
    from app.cache import versioned_cache  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, email)
    clock = SqlClock()
    ours, plain = [], []
    versioned_cache.MOST = 0  # no caching: every round queries the database
    for _ in range(ROUNDS):
        with transaction_for_system() as db:
            clock.begin()
            board = insights.dashboard(db, actor, filter=insights.DashboardFilter(), today=TODAY)
            ours.append(clock.read())
        plain.append(straight_from_the_gifts(clock, actor.user_id if email == RUTH else None))
    versioned_cache.MOST = 1
    again = []
    for _ in range(ROUNDS):
        with transaction_for_system() as db:
            clock.begin()
            kept_one = insights.dashboard(
                db, actor, filter=insights.DashboardFilter(), today=TODAY
            )
            again.append(clock.read().passed)
        assert kept_one == board  # noqa: S101 - the cached result is equal
    assert board.changes.now == board.income.total  # noqa: S101 - both computations agree
    processor = min(time.processor for time in ours)
    plain_processor = min(time.processor for time, _ in plain)
    passed, plain_passed = min(time.passed for time in ours), min(time for _, time in plain)
    return {
        "sql_ms": passed * 1000,
        "median_ms": statistics.median(time.passed for time in ours) * 1000,
        "processor_ms": processor * 1000,
        "statements": ours[-1].statements,
        "again_ms": min(again) * 1000,
        "plain_ms": plain_passed * 1000,
        "plain_processor_ms": plain_processor * 1000,
        "ratio": plain_passed / passed,
        "processor_ratio": plain_processor / processor,
    }


def straight_from_the_gifts(clock: SqlClock, owner: int | None) -> tuple[SqlTime, float]:
    """Return the time of plain SQL without parallel workers, and the seconds with them."""
    from app.db.session import engine  # noqa: PLC0415

    with engine().connect() as connection:
        clock.begin()
        for statement in PLAIN:
            connection.exec_driver_sql(statement, {"owner": owner}).all()
        passed = clock.read().passed
        connection.exec_driver_sql("set local max_parallel_workers_per_gather = 0")
        clock.begin()
        for statement in PLAIN:
            connection.exec_driver_sql(statement, {"owner": owner}).all()
        return clock.read(), passed


if __name__ == "__main__":
    main()
