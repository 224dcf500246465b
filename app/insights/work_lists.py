"""The work lists beside the dashboard's numbers, cached by data version like these."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from app import alerts, gifts, goals
from app.accounts import Actor
from app.cache import kept_answer
from app.db import Session
from app.db.data_version import state
from app.insights.results import DashboardFilter, Few, Waiting

Row = TypeVar("Row")
FEW, RECENT = 4, 8


def waiting(
    db: Session,
    actor: Actor,
    *,
    filter: DashboardFilter,  # noqa: A002
    today: date,
) -> Waiting:
    """Return the first rows and counts of the work lists, and the newest gifts.

    The filter's owner or team applies to all of them, its fund only to the newest gifts.
    """

    def make() -> Waiting:
        seen = goals.sight(db, actor, owner_id=filter.owner_id, team_of=filter.team_of)
        return Waiting(
            late=_few(alerts.late(db, seen, today=today)),
            risky=_few(alerts.at_risk(db, seen, today=today)),
            thanks=_few(gifts.thank_queue(db, seen, today=today)),
            recent=tuple(gifts.recent(db, seen, limit=RECENT, fund_id=filter.fund_id)),
        )

    return kept_answer(Waiting, (actor, filter, today), lambda: state(db), make)


def _few(found: Sequence[Row]) -> Few[Row]:
    return Few(tuple(found[:FEW]), len(found))
