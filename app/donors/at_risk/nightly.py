"""The nightly scoring: donors whose gifts changed, or whose verdict a passed day may change.

Everybody is scored once a week, with a model learnt from all gifts of that day. Until then a
donor's verdict follows from the donor's own gifts and that model, so that scoring some donors
stores what scoring all of them would store.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from app.db import Session
from app.donors.at_risk.assessment import counted_gifts, ordinal
from app.donors.at_risk.giving_history import file_of, positions
from app.donors.at_risk.replay_model import Model, learn
from app.donors.at_risk.score_rows import (
    DAYS_AHEAD,
    model_as_json,
    model_of_json,
    score_rows,
    stored_past,
    stored_positions,
)
from app.donors.queries import stored_scores as queries
from app.donors.results import PLEDGE_PAID

WORRYING = ("slipping", "at risk", "lapsed")
FIT_EVERY = timedelta(days=DAYS_AHEAD)
# With more donors changed, as after a first import, the model is of another file. In a small
# organisation that is nearly every night.
MOST_CHANGED = 0.1
# Increase with every change of a rule that changes a verdict: everybody is scored again.
RULES = 1


# who, of these donors, has paid all that their pledges asked for
PaidUp = Callable[[Sequence[int]], Collection[int]]


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of a scoring: donors scored, gifts read for it, and whether it was everybody."""

    donors: int
    gifts: int
    everybody: bool


def score(db: Session, *, today: date, paid_up: Collection[int] = ()) -> int:
    """Learn a model, score everybody, update who is lapsed, and return the number of scores.

    `paid_up` are the donors who have paid all that their pledges asked for, as a whole year in
    January: until the next instalment their pledge says what to expect, and not their rhythm.
    A household is scored with the gifts of all its members and its own, each member alone.
    """
    return _score_everybody(db, today=today, paid_up=lambda _: paid_up).donors


def score_due(db: Session, *, today: date, paid_up: PaidUp = lambda _: ()) -> Scored:
    """Score the donors whose verdict may have changed since the last scoring.

    Scores everybody once a week, when many donors changed, and when no model is for the day.
    `paid_up` returns those of some donors whom `score` takes as such: it is asked only about
    donors with a worrying score.
    """
    stored = queries.model_for_system(db)
    if (
        stored is None
        or stored.learnt["rules"] != RULES
        or not stored.fitted_on <= stored.scored_on <= today < stored.fitted_on + FIT_EVERY
    ):
        return _score_everybody(db, today=today, paid_up=paid_up)
    queries.collect_due_for_system(db, scored_on=stored.scored_on, today=today)
    scores, changed = queries.counts_for_system(db)
    if changed > MOST_CHANGED * scores:
        return _score_everybody(db, today=today, paid_up=paid_up)
    models = {name: model_of_json(stored.learnt[name]) for name in ("alone", "joint")}
    done = _score_some(db, models["alone"], models["joint"], today=today)
    _settle(db, paid_up)
    queries.note_scoring_for_system(db, today=today)
    return done


def _score_some(db: Session, alone: Model, joint: Model, *, today: date) -> Scored:
    """Score the collected donors from their gifts, and others whose day has come without."""
    gifts_alone, gifts_joint = queries.gifts_of_due_for_system(db, today=today)
    stored = queries.stored_positions_for_system(db, today=today, paid=PLEDGE_PAID)
    scores = pd.concat(
        [
            table
            for model, gifts, is_joint in ((alone, gifts_alone, False), (joint, gifts_joint, True))
            for table in (
                _changed(gifts, stored, model, joint=is_joint, today=today),
                _passed(stored, model, joint=is_joint, today=today),
            )
            if len(table)
        ]
        or [_changed(gifts_alone, stored, alone, joint=False, today=today)],
        ignore_index=True,
    )
    queries.store_for_system(db, scores, everybody=False)
    return Scored(len(scores), len(gifts_alone) + len(gifts_joint), everybody=False)


def _changed(
    gifts: pd.DataFrame, stored: pd.DataFrame, model: Model, *, joint: bool, today: date
) -> pd.DataFrame:
    """Return the scores of donors whose gifts changed."""
    file = file_of(*counted_gifts(gifts, ordinal(today)))
    counted = stored[stored["due"] & (stored["joint"] == joint)]
    counted = counted[counted["donor_id"].isin(file.ids)]
    past = stored_past(file.ids, counted)
    now = positions(file, ordinal(today))
    return score_rows(file.ids, now, model, past, joint=joint, today=today)


def _passed(stored: pd.DataFrame, model: Model, *, joint: bool, today: date) -> pd.DataFrame:
    """Return the scores of donors of whom nothing changed but the day."""
    rows = stored[~stored["due"] & (stored["joint"] == joint)].sort_values("donor_id")
    ids = rows["donor_id"].to_numpy(dtype="int64")
    now, past = stored_positions(rows, today), stored_past(ids, rows)
    return score_rows(ids, now, model, past, joint=joint, today=today)


def _score_everybody(db: Session, *, today: date, paid_up: PaidUp) -> Scored:
    queries.forget_changes_for_system(db)
    gifts = queries.gifts_for_system(db, today=today)
    scores, model = _learn(gifts, joint=False, today=today)
    learnt = {"rules": RULES, "alone": model_as_json(model), "joint": model_as_json(model)}
    unit_of = queries.units_for_system(db)
    if unit_of:
        units = gifts["donor_id"].map(unit_of).fillna(gifts["donor_id"]).astype("int64")
        joint_scores, joint_model = _learn(gifts.assign(donor_id=units), joint=True, today=today)
        households = set(unit_of.values())
        alone = scores[~scores["donor_id"].isin(households)]
        joint_scores = joint_scores[joint_scores["donor_id"].isin(households)]
        scores = pd.concat([alone, joint_scores], ignore_index=True)
        learnt["joint"] = model_as_json(joint_model)
    queries.store_for_system(db, scores, everybody=True)
    _settle(db, paid_up)
    queries.store_model_for_system(db, learnt, today=today)
    return Scored(len(scores), len(gifts), everybody=True)


def _learn(gifts: pd.DataFrame, *, joint: bool, today: date) -> tuple[pd.DataFrame, Model]:
    """Return everybody's scores and the model learnt from these gifts."""
    day = ordinal(today)
    file = file_of(*counted_gifts(gifts, day))
    now = positions(file, day)
    model, past = learn(file, now, day)
    return score_rows(file.ids, now, model, past, joint=joint, today=today), model


def _settle(db: Session, paid_up: PaidUp) -> None:
    worrying = queries.worrying_for_system(db, WORRYING)
    queries.settle_for_system(db, paid_up=paid_up(worrying), paid=PLEDGE_PAID, worrying=WORRYING)
