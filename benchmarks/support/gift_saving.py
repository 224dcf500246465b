"""The time of inserting one gift, with the triggers that keep the sums and without any."""

import statistics
from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from benchmarks.support.sql_clock import SqlClock

ROUNDS, GIFTS, LIMIT = 3, 200, 2.0
INSERT = (
    "insert into gift (donor_id, pledge_id, amount_minor, currency, base_minor, gift_date)"
    " values (%s, %s, 5000, 'USD', 5000, %s)"
)
DONORS = {
    "without a pledge": "select id, null from donor where kind = 'person'",
    "to a pledge": "select donor_id, id from pledge where status = 'active'",
}
TRIGGERS = "alter table gift {verb} trigger user"


class Times(TypedDict):
    """Milliseconds of processor time of an insert, of the fastest tenth, and their ratio."""

    bare_ms: float
    with_sums_ms: float
    ratio: float


def measure(today: date) -> dict[str, Times]:
    """Return the times of gifts without and with a pledge; the gifts are rolled back."""
    return {name: _measured(select, today) for name, select in DONORS.items()}


def _measured(select: str, today: date) -> Times:
    from app.db.session import engine  # noqa: PLC0415

    clock = SqlClock()
    bare: list[float] = []
    with_sums: list[float] = []
    with engine().connect() as connection:
        rows = connection.exec_driver_sql(f"{select} order by md5(id::text) limit {GIFTS}").all()
        for _ in range(ROUNDS):
            for verb, times in (("disable", bare), ("enable", with_sums)):
                connection.exec_driver_sql(TRIGGERS.format(verb=verb))
                for donor_id, pledge_id in rows:
                    clock.begin()
                    connection.exec_driver_sql(INSERT, (donor_id, pledge_id, today))
                    times.append(clock.read().processor)
        connection.rollback()
    first, second = (statistics.quantiles(times, n=10)[0] for times in (bare, with_sums))
    return {"bare_ms": first * 1000, "with_sums_ms": second * 1000, "ratio": second / first}


def format_lines(times: Mapping[str, Times]) -> list[str]:
    """Return the lines of the report, one for each kind of gift."""
    return [
        f"  a gift {name:17} {measured['with_sums_ms']:.3f} ms of processor time, bare "
        f"{measured['bare_ms']:.3f}: {measured['ratio']:.1f} × (limit: {LIMIT:.0f})"
        for name, measured in times.items()
    ]
