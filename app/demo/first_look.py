"""What makes the first look full: goals within reach, rhythms scored, alerts raised."""

from datetime import date

from app import donors
from app.db import Session
from app.demo import queries
from app.demo.people import FUNDRAISERS, REACHED

ROUND = 10_000


def first_look(db: Session, people: dict[str, int], *, today: date) -> None:
    """Set the goals and run the nightly work once, as if the scheduler had been here."""
    support = queries.monthly_support_for_system(db, today=today)
    queries.set_goals(
        db,
        {
            people[one.email]: round(support[people[one.email]] / share / ROUND) * ROUND
            for one, share in zip(FUNDRAISERS, REACHED, strict=True)
        },
    )
    donors.score(db, today=today)
