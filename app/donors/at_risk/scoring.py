"""The list of donors at risk, and how good the alerts are."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from app.accounts import Actor
from app.db import Session
from app.donors.at_risk import backtest
from app.donors.at_risk.backtest import Band, Reliability
from app.donors.queries import backtest as backtest_queries
from app.donors.queries import scores as score_queries
from app.donors.queries import stored_scores
from app.donors.read_model import rhythm_sentence
from app.donors.results import AtRisk


def measure_reliability(db: Session, *, today: date) -> Reliability:
    """Run the backtest on the organisation's past, store its report, and return it."""
    reliability = backtest.measure(stored_scores.gifts_for_system(db, today=today), today)
    report = asdict(reliability) | {"as_of": today.isoformat()}
    backtest_queries.store_for_system(db, report, as_of=today)
    return reliability


def reliability_report(db: Session) -> Reliability | None:
    """Return the newest backtest report; it names no donor, so every role may read it."""
    for report in backtest_queries.newest(db, limit=1):
        bands = tuple(Band(**band) for band in report["bands"])
        day = date.fromisoformat(report["as_of"])
        return Reliability(**(report | {"bands": bands, "as_of": day}))
    return None


def at_risk(
    db: Session,
    actor: Actor,
    *,
    today: date,
    limit: int | None = None,
    owner_id: int | None = None,
    donor_ids: Sequence[int] | None = None,
) -> list[AtRisk]:
    """Return the donors who may be stopping, highest risk first within each status.

    A donor who has lapsed since the alert stays listed until the alert is dealt with.
    Excludes deceased donors, donors who refuse every channel, donors with a paused pledge, and
    donors who already have an alert about a late pledge.
    """
    rows = score_queries.at_risk(
        db, actor, today=today, owner_id=owner_id, donor_ids=donor_ids, limit=limit
    )
    return [
        AtRisk(
            donor_id=row.id,
            donor_name=row.name,
            owner_id=row.owner_id,
            status=row.status,
            risk=row.risk,
            last_gift_date=row.last_gift,
            sentence=rhythm_sentence(row, today=today, locale=actor.locale),
            email=row.email,
            phone=row.phone,
        )
        for row in rows
    ]
