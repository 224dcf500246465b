"""Loading of the demo organisation into an empty database, in one transaction."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import accounts
from app.accounts import SYSTEM
from app.accounts.authentication import passwords
from app.db import Session, transaction_for_system
from app.db.models import User
from app.demo import queries, store
from app.demo.people import (
    CURRENCY,
    ORGANISATION,
    SIGN_INS,
    SUPERVISOR,
    TEAM,
    TIME_ZONE,
)
from app.demo.rng import RandomChoices
from app.demo.team_activity import utc_time
from app.demo.warm_up import score_and_raise_alerts, set_goals

SEED = 7
__all__ = ["add_users", "is_loaded", "load", "load_if_empty", "score_and_raise_alerts"]


def load_if_empty(*, now: datetime | None = None, seed: int = SEED) -> bool:
    """Load the demo data in its own transaction, unless an account exists already.

    Return whether it was loaded. Without `now`, dates are relative to the current time.
    """
    now = now or datetime.now(UTC)
    with transaction_for_system() as db:
        queries.lock(db)
        if not accounts.has_no_users(db):
            return False
        load(db, now=now, seed=seed)
    return True


def is_loaded() -> bool:
    """Return whether the database holds the demo data, so that its sign-ins may be shown."""
    with transaction_for_system() as db:
        return queries.is_demo(db)


def load(db: Session, *, now: datetime, seed: int = SEED) -> None:
    """Load the organisation, its users, 400 donors, two households and their gifts up to `now`."""
    queries.allow_long_statements(db)
    today = now.astimezone(ZoneInfo(TIME_ZONE)).date()
    people = add_users(db, today=today)
    chance = RandomChoices(seed)
    store.write_donors(db, chance, people, today=today)
    queries.analyse(db)
    set_goals(db, people, today=today)
    score_and_raise_alerts(db, today=today, now=now)
    queries.date_alerts_for_system(db, today=today)


def add_users(db: Session, *, today: date) -> dict[str, int]:
    """Create the organisation and its users; return the user ids by e-mail."""
    accounts.save_organisation(
        db,
        SYSTEM,
        name=ORGANISATION,
        currency=CURRENCY,
        time_zone=TIME_ZONE,
        fiscal_start_month=1,
        is_demo=True,
        modules=("requests",),
    )
    hashed = passwords.hash_password(SIGN_INS[0].password)
    rows: list[dict[str, Any]] = [
        {
            "email": sign_in.email,
            "name": sign_in.name,
            "role": sign_in.role,
            "password_hash": hashed,
            "password_changed_at": utc_time(today - timedelta(days=90)),
            "created_at": utc_time(today - timedelta(days=6 * 365)),
            # so that "since your last visit" has content
            "last_sign_in_at": utc_time(today - timedelta(days=3 + index % 3)),
        }
        for index, sign_in in enumerate(SIGN_INS)
    ]
    ids = queries.add_returning(db, User, rows)
    people = dict(zip((sign_in.email for sign_in in SIGN_INS), ids, strict=True))
    queries.add_team_members(
        db, people[SUPERVISOR.email], [people[sign_in.email] for sign_in in TEAM]
    )
    return people
