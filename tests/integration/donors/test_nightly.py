"""Scoring what changed stores what scoring everybody would store, whatever happened before."""

import math
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import alerts, donors, pledges
from app.accounts import Actor
from app.donors.at_risk import nightly
from tests import factories as make

FIRST = date(2026, 11, 23)
EXAMPLES = 40
RHYTHMS = (7, 30, 30, 30, 61, 91, 365)
DONORS = 24
# as_of, the risk of that day and the next day to look are not the verdict
ROWS = """
select donor_id, gifts, last_gift, rhythm_days, regular, status, expected_by, peers,
       peers_returned, spread, season, joint, past,
       coalesce(risk_ahead[cast(:today as date) - as_of], risk) as risk
from donor_rhythm order by donor_id
"""
ALERTS = """
select key, state, severity, reason, since, facts::text, resolved_gift_id
from alert order by key
"""
STATUSES = "select id, status from donor order by id"


def fill(db: Session, owner: Actor) -> None:
    """Donors who give in several rhythms, some on a pledge, some in a household."""
    rng = random.Random(3)
    people = [make.donor(db, owner, f"Giver {n}", status="donor") for n in range(DONORS)]
    for n, person in enumerate(people):
        step = RHYTHMS[n % len(RHYTHMS)]
        pledge = make.pledge(db, person, "50", "monthly", date(2026, 3, 1)) if n % 5 == 1 else None
        missed = rng.choice([0, 0, 1, 2, 3, 5])
        for gift in range(1 if n % 8 == 7 else rng.randint(2, 14)):
            day = FIRST - timedelta(days=step * (gift + missed) + rng.randint(0, step // 3))
            on_pledge = pledge if day >= date(2026, 3, 1) else None
            make.gift(db, person, "50", day, pledge_id=on_pledge)
    make.household(db, *people[2:5], name="The Firs")
    make.household(db, *people[10:12], name="The Oaks")


def one_of(db: Session, query: str, number: int) -> int | None:
    rows: list[int] = list(db.scalars(text(query)))
    return rows[number % len(rows)] if rows else None


DONOR_IDS = "select id from donor where kind = 'person' order by id"
GIFT_IDS = (
    "select id from gift where kind = 'gift' and returned_minor = 0"
    " order by gift_date desc, id desc limit 60"
)
PLEDGE_IDS = "select id from pledge order by id"
Edit = Callable[[Session, date, int, int], None]


def _give(db: Session, today: date, which: int, days: int) -> None:
    """A gift of today, of earlier, or of a day that is still to come."""
    donor = one_of(db, DONOR_IDS, which)
    assert donor
    make.gift(db, donor, "50", today - timedelta(days=days - 4))


def _pay(db: Session, today: date, which: int, days: int) -> None:
    """Pay a pledge, sometimes for the whole year, sometimes by another donor."""
    pledge, donor = one_of(db, PLEDGE_IDS, which), one_of(db, DONOR_IDS, which + days // 7)
    assert donor
    amount = "600" if days % 3 == 0 else "50"
    make.gift(db, donor, amount, today - timedelta(days=days % 5), pledge_id=pledge)


def _reverse(db: Session, today: date, which: int, days: int) -> None:
    gift = one_of(db, GIFT_IDS, which)
    if gift:
        make.reversal(db, gift, None if days % 2 else "20", today)


def _on(query: str, rows: str = GIFT_IDS) -> Edit:
    """An edit of one row by SQL, as screens, imports, merges and undos make it."""

    def edit(db: Session, today: date, which: int, days: int) -> None:
        values = {
            "id": one_of(db, rows, which),
            "day": today - timedelta(days=days),
            "other": one_of(db, DONOR_IDS, which + days),
            "pledge": one_of(db, PLEDGE_IDS, days),
            "household": one_of(
                db, "select id from donor where kind = 'household' order by id", days
            ),
        }
        db.execute(text(query), values)

    return edit


def _new_household(db: Session, today: date, which: int, days: int) -> None:
    free = one_of(db, "select id from donor where kind = 'person' and household_id is null", which)
    if free:
        make.household(db, free, name=f"Home {days}")


def _pause(db: Session, today: date, which: int, days: int) -> None:
    pledge = one_of(db, PLEDGE_IDS, which)
    if pledge:
        make.pause(db, pledge, today, today + timedelta(days=days % 9))


def _new_donor(db: Session, today: date, which: int, days: int) -> None:
    make.gift(db, make.donor(db, name=f"New {which}"), "50", today - timedelta(days=days))


EDITS: dict[str, Edit] = {
    "give": _give,
    "pay": _pay,
    "reverse": _reverse,
    "delete a gift": _on(
        "delete from gift where id = :id and id not in"
        " (select reverses_id from gift where reverses_id is not null)"
    ),
    "move a gift to another donor": _on("update gift set donor_id = :other where id = :id"),
    "give another day": _on("update gift set gift_date = :day where id = :id"),
    "link": _on("update gift set pledge_id = :pledge where id = :id"),
    "unlink": _on("update gift set pledge_id = null where id = :id"),
    "merge": _on("update gift set donor_id = :other where donor_id = :id", DONOR_IDS),
    "dismiss an alert": _on(
        "update alert set state = 'dismissed' where pledge_id = :id", PLEDGE_IDS
    ),
    "delete an alert": _on("delete from alert where pledge_id = :id", PLEDGE_IDS),
    "cancel a pledge": _on("update pledge set status = 'cancelled' where id = :id", PLEDGE_IDS),
    "resume a pledge": _on("update pledge set status = 'active' where id = :id", PLEDGE_IDS),
    "delete a pledge": _on(
        "with a as (delete from alert where pledge_id = :id),"
        " g as (update gift set pledge_id = null where pledge_id = :id)"
        " delete from pledge where id = :id",
        PLEDGE_IDS,
    ),
    "pause a pledge": _pause,
    "join a household": _on(
        "update donor set household_id = :household, household_head = false where id = :id",
        DONOR_IDS,
    ),
    "leave a household": _on(
        "update donor set household_id = null, household_head = false where id = :id", DONOR_IDS
    ),
    "new household": _new_household,
    "die": _on("update donor set deceased = not deceased where id = :id", DONOR_IDS),
    "another owner": _on("update donor set owner_id = null where id = :id", DONOR_IDS),
    "status by hand": _on("update donor set status = 'lapsed' where id = :id", DONOR_IDS),
    "asked by hand": _on("update donor set status = 'asked' where id = :id", DONOR_IDS),
    "erase the score": _on("delete from donor_rhythm where donor_id = :id", DONOR_IDS),
    "new donor": _new_donor,
}
STEP = st.tuples(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(EDITS)),
            st.integers(0, 60),
            st.integers(0, 400) | st.integers(0, 9),
        ),
        max_size=4,
    ),
    st.sampled_from([0, 1, 1, 1, 1, 2, 3, 5, 9]),
)


def morning(db: Session, day: date, *, every_pledge: bool = False) -> nightly.Scored:
    """The jobs of a morning, as the timetable runs them."""
    now = datetime.combine(day, time(6), UTC)
    alerts.raise_late_pledges(db, today=day, now=now)
    result = donors.score_due(
        db,
        today=day,
        paid_up=lambda ids: pledges.paid_up(
            db, today=day, donor_ids=None if every_pledge else ids
        ),
    )
    alerts.raise_at_risk(db, today=day, now=now)
    return result


def stored(db: Session, ruth: Actor, day: date) -> dict[str, list[object]]:
    """Verdicts, risks, sentences, alerts and statuses as of a day."""
    return {
        "scores": [
            tuple(
                None if isinstance(value, float) and math.isnan(value) else value for value in row
            )
            for row in db.execute(text(ROWS), {"today": day})
        ],
        "alerts": [tuple(row) for row in db.execute(text(ALERTS))],
        "statuses": [tuple(row) for row in db.execute(text(STATUSES))],
        "at risk": [
            (row.donor_id, row.status, row.risk, row.sentence)
            for row in donors.at_risk(db, ruth, today=day)
        ],
    }


def everybody(db: Session, ruth: Actor, day: date) -> dict[str, list[object]]:
    """What the same morning stores if every donor is scored from all gifts."""
    with db.begin_nested() as before:
        db.execute(text("insert into rhythm_change (donor_id) select id from donor"))
        morning(db, day, every_pledge=True)
        result = stored(db, ruth, day)
        before.rollback()
    db.expire_all()
    return result


@pytest.fixture
def ada(db: Session, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An administrator of an organisation in which a few changed donors are never many."""
    monkeypatch.setattr(nightly, "MOST_CHANGED", math.inf)
    make.organisation(db)
    return make.person(db, "admin")


@settings(
    max_examples=EXAMPLES,
    # a failing example would be repeated for minutes
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=1, max_size=6))
def test_scoring_the_changed_is_scoring_everybody(
    db: Session, ada: Actor, steps: list[tuple[list[tuple[str, int, int]], int]]
) -> None:
    with db.begin_nested() as before:
        fill(db, ada)
        day = FIRST
        morning(db, day)
        for edits, days in steps:
            for name, which, number in edits:
                EDITS[name](db, day, which, number)
            day += timedelta(days=days)
            expected = everybody(db, ada, day)
            morning(db, day)
            assert stored(db, ada, day) == expected, day
        before.rollback()
    db.expire_all()


@pytest.fixture
def scored(db: Session, ada: Actor) -> Actor:
    """Everybody was scored this morning."""
    fill(db, ada)
    assert morning(db, FIRST).everybody
    return ada


def changed(db: Session) -> set[int]:
    return set(db.scalars(text("select donor_id from rhythm_change")))


def test_without_changes_a_night_reads_no_gift(db: Session, scored: Actor) -> None:
    nights = [donors.score_due(db, today=FIRST + timedelta(days=day)) for day in range(1, 7)]
    assert {(night.gifts, night.everybody) for night in nights} == {(0, False)}
    assert 0 < sum(night.donors for night in nights) < len(nights) * DONORS / 2


def test_only_the_gifts_of_changed_donors_and_their_households_are_read(
    db: Session, scored: Actor
) -> None:
    donor = one_of(db, "select id from donor where household_id is null order by id", 0)
    member = one_of(db, "select id from donor where household_id is not null order by id", 0)
    assert donor
    assert member
    for person in (donor, member):
        make.gift(db, person, "50", FIRST)
    assert changed(db) == {donor, member}
    own = "select count(*) from gift where donor_id = any (:ids)"
    joint = (
        "select count(*) from gift g join donor d on d.id = g.donor_id where household_id ="
        " (select household_id from donor where id = :id)"
    )
    expected = db.scalar(text(own), {"ids": [donor, member]})
    expected += db.scalar(text(joint), {"id": member})
    assert donors.score_due(db, today=FIRST + timedelta(days=1)).gifts == expected
    assert changed(db) == set()


def test_everybody_is_scored_once_a_week_and_when_a_day_is_repeated_earlier(
    db: Session, scored: Actor
) -> None:
    ahead = [morning(db, FIRST + timedelta(days=day)).everybody for day in range(1, 15)]
    assert ahead == [False] * 6 + [True] + [False] * 6 + [True]
    assert donors.score_due(db, today=FIRST).everybody


def test_everybody_is_scored_after_many_changes_and_with_other_rules(
    db: Session, scored: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "MOST_CHANGED", 0.1)
    db.execute(text("update gift set gift_date = gift_date - 1 where id % 2 = 0"))
    assert donors.score_due(db, today=FIRST).everybody
    assert not donors.score_due(db, today=FIRST).everybody
    monkeypatch.setattr(nightly, "RULES", 2)
    assert donors.score_due(db, today=FIRST).everybody


def test_what_the_score_does_not_read_is_no_change(db: Session, scored: Actor) -> None:
    db.execute(text("update gift set thanked_at = now(), note = 'x', amount_minor = amount_minor"))
    db.execute(text("update donor set owner_id = null, deceased = true, name = 'x'"))
    db.execute(text("update alert set severity = 3"))
    assert changed(db) == set()


def test_a_gift_of_a_later_day_counts_from_that_day(db: Session, scored: Actor) -> None:
    donor = make.donor(db, scored)
    make.gift(db, donor, "50", FIRST + timedelta(days=2))
    gifts = "select gifts from donor_rhythm where donor_id = :id"
    for day, count in ((1, None), (2, 1)):
        donors.score_due(db, today=FIRST + timedelta(days=day))
        assert db.scalar(text(gifts), {"id": donor}) == count


def test_a_pause_is_listed_although_the_donor_was_not_scored_again(
    db: Session, scored: Actor
) -> None:
    donor = donors.at_risk(db, scored, today=FIRST)[0].donor_id
    day = FIRST + timedelta(days=1)
    make.pause(db, make.pledge(db, donor, status="active"), day, day)
    giving = []
    for passed in range(3):
        today = FIRST + timedelta(days=passed)
        donors.score_due(db, today=today)
        rhythm = donors.get(db, scored, donor, today=today).rhythm
        giving.append(rhythm and rhythm.status == "paused")
    assert giving == [False, True, False]
