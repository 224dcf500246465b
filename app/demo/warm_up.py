"""What makes the first look full: goals within reach, rhythms scored, alerts raised."""

from datetime import date, datetime

from app import alerts, donors
from app.db import Session
from app.demo import queries
from app.demo.people import FUNDRAISERS, REACHED

ROUND = 10_000


def set_goals(db: Session, people: dict[str, int], *, today: date) -> None:
    """Give each fundraiser a monthly goal that is within reach and not reached."""
    support = queries.monthly_support_for_system(db, today=today)
    goals = {
        people[one.email]: round(support[people[one.email]] / share / ROUND) * ROUND
        for one, share in zip(FUNDRAISERS, REACHED, strict=True)
    }
    queries.set_goals(db, goals)


def first_night(db: Session, *, today: date, now: datetime) -> None:
    """Score the rhythms and raise the alerts, as if the scheduler had been here."""
    donors.score(db, today=today)
    alerts.raise_late_pledges(db, today=today, now=now)
    alerts.raise_at_risk(db, today=today, now=now)
