"""The work lists beside the dashboard's numbers, cached by data version like these."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from app import alerts, gifts, goals
from app.accounts import Actor
from app.cache import cached
from app.db import Session
from app.db.data_version import current_version
from app.insights.results import DashboardFilter, FirstRows, WorkLists

Row = TypeVar("Row")
FIRST, RECENT = 4, 8


def load_work_lists(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    today: date,
) -> WorkLists:
    """Return the first rows and counts of the work lists, and the newest gifts.

    The filter's owner or team applies to all of them, its fund only to the newest gifts.
    """

    def make() -> WorkLists:
        restricted = goals.restricted_actor(
            db, actor, owner_id=filter.owner_id, team_of=filter.team_of
        )
        return WorkLists(
            late=_first_rows(alerts.late(db, restricted, today=today)),
            risky=_first_rows(alerts.at_risk(db, restricted, today=today)),
            thanks=_first_rows(gifts.thank_queue(db, restricted, today=today)),
            recent=tuple(gifts.recent(db, restricted, limit=RECENT, fund_id=filter.fund_id)),
        )

    return cached(WorkLists, (actor, filter, today), lambda: current_version(db), make)


def _first_rows(rows: Sequence[Row]) -> FirstRows[Row]:
    return FirstRows(tuple(rows[:FIRST]), len(rows))
