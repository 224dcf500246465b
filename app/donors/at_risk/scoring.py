"""The nightly scoring of every donor's rhythm, and the list of donors at risk."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date

import pandas as pd

from app.accounts import Actor
from app.db import Session
from app.donors.at_risk import assessment, backtest
from app.donors.at_risk.backtest import Band, Reliability
from app.donors.queries import backtest as backtest_queries
from app.donors.queries import scores as score_queries
from app.donors.read_model import rhythm_sentence
from app.donors.results import PLEDGE_PAID, AtRisk

WORRYING = ("slipping", "at risk", "lapsed")


def score(db: Session, *, today: date, paid_up: Collection[int] = ()) -> int:
    """Score every donor's rhythm, update who is lapsed, and return the number of scores.

    `paid_up` are the donors who have paid all that their pledges asked for, as a whole year in
    January: until the next instalment their pledge says what to expect, and not their rhythm.
    A household is scored with the gifts of all its members and its own, each member alone.
    """
    gifts = score_queries.gifts_for_system(db, today=today)
    scores = assessment.assess(gifts, today)
    unit_of = score_queries.units_for_system(db)
    if unit_of:
        scores = with_households(scores, gifts, unit_of, today=today)
    paid = {*paid_up, *(unit_of[donor_id] for donor_id in paid_up if donor_id in unit_of)}
    calm = scores["donor_id"].isin(list(paid)) & scores["status"].isin(WORRYING)
    scores.loc[calm, "status"] = PLEDGE_PAID
    score_queries.store_for_system(db, scores, today=today)
    return len(scores)


def with_households(
    scores: pd.DataFrame, gifts: pd.DataFrame, unit_of: Mapping[int, int], *, today: date
) -> pd.DataFrame:
    """Return the scores with those of households, each from the gifts of everybody in it."""
    units = gifts["donor_id"].map(unit_of).fillna(gifts["donor_id"]).astype("int64")
    joint = assessment.assess(gifts.assign(donor_id=units), today)
    households = set(unit_of.values())
    alone = scores[~scores["donor_id"].isin(households)]
    return pd.concat([alone, joint[joint["donor_id"].isin(households)]], ignore_index=True)


def measure_reliability(db: Session, *, today: date) -> Reliability:
    """Run the backtest on the organisation's past, store its report, and return it."""
    reliability = backtest.measure(score_queries.gifts_for_system(db, today=today), today)
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
