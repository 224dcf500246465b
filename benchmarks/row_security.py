"""Claim: row-level security costs the dashboard and the donor list less than a third more.

The same queries are run alternately as the system, for which the policies allow every row, and as
the user, restricted by row-level security, in one run on one private server; only the time of the
statements counts. `python -m benchmarks.row_security [--donors N] [--gifts N] [--json]`
"""

import argparse
import json
import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypedDict

from benchmarks import dashboard as other
from benchmarks.support.private_server import private_server
from benchmarks.support.sql_clock import SqlClock

if TYPE_CHECKING:
    from app.accounts import Actor
    from app.db import Session

ROUNDS = 31
LIMIT = 1.3
FUNDRAISERS = 10
PEOPLE = {
    "administrator": other.ADA,
    "supervisor of 4": "sue@example.org",
    "fundraiser": "ruth7@example.org",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--donors", type=int, default=5_000)
    parser.add_argument("--gifts", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = with_data(chosen.donors, chosen.gifts)
    print(json.dumps(figures) if chosen.json else format_report(figures))


class Times(TypedDict):
    """Milliseconds of a query without and with row-level security, and how they compare."""

    without_ms: float
    with_ms: float
    ratio: float
    of_medians: float


class Figures(TypedDict):
    """What was measured: user → query → times."""

    gifts: int
    donors: int
    people: dict[str, dict[str, Times]]


def format_report(figures: Figures) -> str:
    lines = [f"{figures['gifts']:,} gifts, {figures['donors']:,} donors, best of {ROUNDS}"]
    lines += [
        f"  {person:16} {name:14} {times['without_ms']:7.1f} ms without, "
        f"{times['with_ms']:7.1f} ms with: {times['ratio']:.2f} × "
        f"(to reach: {LIMIT}; of medians {times['of_medians']:.2f})"
        for person, readings in figures["people"].items()
        for name, times in readings.items()
    ]
    return "\n".join(lines)


def with_data(donors: int, gifts: int) -> Figures:
    """Fill a private server and measure every user's queries."""
    with private_server():
        other.FUNDRAISERS = FUNDRAISERS
        other.fill(donors, gifts)
        team()
        people = {person: measured(email) for person, email in PEOPLE.items()}
        return {"gifts": gifts, "donors": donors, "people": people}


def team() -> None:
    """Add a supervisor of four fundraisers, and score every donor."""
    from sqlalchemy import text  # noqa: PLC0415

    from app import donors  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        db.execute(
            text(
                "with lead as (insert into app_user (email, name, role)"
                " values ('sue@example.org', 'Sue', 'supervisor') returning id)"
                " insert into team_member (lead_id, member_id, kind)"
                " select lead.id, u.id, 'supervisor' from lead, app_user u"
                " where u.email ~ '^ruth[1-4]@'"
            )
        )
        donors.score(db, today=other.TODAY)
        db.execute(text("analyze"))


def measured(email: str) -> dict[str, Times]:
    """Run every query with and without row-level security, alternately."""
    from app import accounts  # noqa: PLC0415
    from app.db import transaction, transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, email)
    clock = SqlClock()

    def spent(
        opened: Callable[[], AbstractContextManager["Session"]],
        reading: Callable[["Session", "Actor"], object],
    ) -> float:
        # measure from before the transaction opens: the statement that sets the user counts
        clock.begin()
        with opened() as db:
            reading(db, actor)
            return clock.read().passed

    def person() -> AbstractContextManager["Session"]:
        return transaction(actor)

    measured_times: dict[str, Times] = {}
    for name, reading in readings().items():
        without: list[float] = []
        walled: list[float] = []
        for _ in range(ROUNDS):
            without.append(spent(transaction_for_system, reading))
            walled.append(spent(person, reading))
        without, walled = without[1:], walled[1:]
        measured_times[name] = {
            "without_ms": min(without) * 1000,
            "with_ms": min(walled) * 1000,
            "ratio": min(walled) / min(without),
            "of_medians": statistics.median(walled) / statistics.median(without),
        }
    return measured_times


def readings() -> dict[str, Callable[["Session", "Actor"], object]]:
    """Return the queries of the dashboard and the other screens, by name."""
    from app import donors, gifts, goals, insights, pledges  # noqa: PLC0415
    from app.cache import versioned_cache  # noqa: PLC0415

    day = other.TODAY
    versioned_cache.MOST = 0  # no caching: every round queries the database

    def dashboard(db: "Session", actor: "Actor") -> None:
        gifts.freshness(db, actor)
        restricted = goals.restricted_actor(db, actor)
        insights.dashboard(db, actor, filter=insights.DashboardFilter(), today=day)
        pledges.late(db, restricted, today=day)
        donors.at_risk(db, restricted, today=day)
        gifts.thank_queue(db, restricted, today=day)
        gifts.recent(db, restricted, limit=8)

    def listed(db: "Session", actor: "Actor") -> None:
        donors.owners(db, actor)
        donors.page(db, actor, filter=donors.DonorFilter(), today=day)

    def one(db: "Session", actor: "Actor") -> None:
        first = donors.page(db, actor, filter=donors.DonorFilter(), today=day).lines[0].donor_id
        donors.get(db, actor, first, today=day)
        donors.timeline(db, actor, first)
        pledges.pledge_statuses(db, actor, today=day, donor_id=first)
        pledges.late(db, actor, today=day, donor_ids=[first])
        gifts.page(db, actor, filter=gifts.GiftFilter(donor_id=first))

    return {
        "dashboard": dashboard,
        "one donor": one,
        "donor list": listed,
        "search": lambda db, actor: donors.search(db, actor, query="ann", limit=20),
        "gift list": lambda db, actor: gifts.page(db, actor, filter=gifts.GiftFilter()),
        "pledges": lambda db, actor: pledges.pledge_statuses(db, actor, today=day),
    }


if __name__ == "__main__":
    main()
