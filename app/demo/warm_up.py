"""Final steps of loading demo data: monthly goals, donor scores and alerts."""

from datetime import date, datetime

from app import alerts, donors, pledges
from app.db import Session
from app.demo import queries
from app.demo.people import FUNDRAISERS, GOAL_SHARES

ROUND = 10_000


def set_goals(db: Session, people: dict[str, int], *, today: date) -> None:
    """Set a monthly goal for each fundraiser that is slightly above the current support."""
    support = queries.monthly_support_for_system(db, today=today)
    goals = {
        people[fundraiser.email]: round(support[people[fundraiser.email]] / share / ROUND) * ROUND
        for fundraiser, share in zip(FUNDRAISERS, GOAL_SHARES, strict=True)
    }
    queries.set_goals(db, goals)


def score_and_raise_alerts(db: Session, *, today: date, now: datetime) -> None:
    """Score all donors and raise the alerts, as the scheduled jobs do."""
    donors.score(db, today=today, paid_up=pledges.paid_up(db, today=today))
    alerts.raise_late_pledges(db, today=today, now=now)
    alerts.raise_at_risk(db, today=today, now=now)
