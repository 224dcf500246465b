"""Final steps of loading demo data: monthly goals, donor scores and alerts."""

from datetime import UTC, date, datetime, time

from app import alerts, donors, pledges
from app.db import Session
from app.demo import queries
from app.demo.people import ADMIN, FUNDRAISERS, GOAL_HISTORY, GOAL_SHARES
from app.kit.dates.days import months_after

ROUND = 10_000
NINE = time(9, tzinfo=UTC)


def set_goals(db: Session, people: dict[str, int], *, today: date) -> None:
    """Give each fundraiser a goal slightly above the current support, and lower ones before."""
    support = queries.monthly_support_for_system(db, today=today)
    goals = {
        people[fundraiser.email]: round(support[people[fundraiser.email]] / share / ROUND) * ROUND
        for fundraiser, share in zip(FUNDRAISERS, GOAL_SHARES, strict=True)
    }
    rows = [
        {
            "user_id": user_id,
            "month": months_after(today.replace(day=1), -back),
            "minor": round(goal * share / ROUND) * ROUND,
            "set_by_id": people[ADMIN.email],
            "set_at": datetime.combine(months_after(today.replace(day=1), -back), NINE),
        }
        for user_id, goal in goals.items()
        for back, share in GOAL_HISTORY
    ]
    queries.add_goals(db, rows)


def score_and_raise_alerts(db: Session, *, today: date, now: datetime) -> None:
    """Score all donors and raise the alerts, as the scheduled jobs do."""
    donors.score(db, today=today, paid_up=pledges.paid_up(db, today=today))
    alerts.raise_late_pledges(db, today=today, now=now)
    alerts.raise_at_risk(db, today=today, now=now)
