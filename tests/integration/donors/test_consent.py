"""Consent: recording answers, which of them are in force, and permissions."""

from datetime import date, datetime, timedelta
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import alerts, donors, tasks
from app.accounts import Actor
from app.donors import CHANNELS, PURPOSES, Consent
from app.kit.errors import InvalidError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara")


def record(
    db: Session,
    actor: Actor,
    donor_id: int,
    channel: str = "email",
    purpose: str = "news",
    *,
    granted: bool = True,
    source: str = "A card",
    given_on: date = TODAY,
    today: date = TODAY,
) -> None:
    donors.record_consent(
        db,
        actor,
        donor_id=donor_id,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=source,
        given_on=given_on,
        today=today,
    )


def no_contact_flags(db: Session, actor: Actor, donor_id: int) -> tuple[bool, bool, bool]:
    fields = donors.get(db, actor, donor_id, today=TODAY).fields
    return fields.no_email, fields.no_phone, fields.no_mail


def test_every_answer_is_stored_with_its_day_and_source(
    db: Session, ruth: Actor, mara: int
) -> None:
    record(db, ruth, mara, granted=True, given_on=date(2025, 3, 1), source=" Card at  the fair ")
    record(db, ruth, mara, granted=False, source="Called")
    assert donors.consents(db, ruth, mara) == [
        Consent("email", "news", False, "Called", TODAY, "Ruth"),
        Consent("email", "news", True, "Card at the fair", date(2025, 3, 1), "Ruth"),
    ]
    assert donors.in_force(donors.consents(db, ruth, mara)) == [
        Consent("email", "news", False, "Called", TODAY, "Ruth")
    ]
    sentence = db.execute(
        text("select sentence from activity order by id desc limit 1")
    ).scalar_one()
    assert sentence == "Refused news of the work by e-mail (Called)."


def test_an_answer_for_everything_sets_the_flag(db: Session, ruth: Actor, mara: int) -> None:
    assert no_contact_flags(db, ruth, mara) == (False, False, False)
    for channel in ("email", "phone", "mail", "text"):
        record(db, ruth, mara, channel, "everything", granted=False)
    assert no_contact_flags(db, ruth, mara) == (True, True, True)
    record(db, ruth, mara, "phone", "everything", granted=True)
    assert no_contact_flags(db, ruth, mara) == (True, False, True)
    # an answer for one purpose does not change the flag
    record(db, ruth, mara, "email", "thanks", granted=True)
    assert no_contact_flags(db, ruth, mara) == (True, False, True)


def test_an_older_answer_recorded_later_changes_nothing(
    db: Session, ruth: Actor, mara: int
) -> None:
    record(db, ruth, mara, "mail", "everything", granted=False)
    record(db, ruth, mara, "mail", "everything", granted=True, given_on=date(2020, 1, 1))
    assert no_contact_flags(db, ruth, mara) == (False, False, True)


class ConsentValues(TypedDict, total=False):
    """What is wrong with an answer."""

    channel: str
    purpose: str
    source: str
    given_on: date


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"channel": "fax"}, "from the lists"),
        ({"purpose": "fun"}, "from the lists"),
        ({"source": "  "}, "how you know"),
        ({"source": "x" * 301}, "300 characters"),
        ({"given_on": TODAY + timedelta(days=1)}, "cannot lie ahead"),
        ({"given_on": date(1899, 12, 31)}, "before 1900"),
    ],
)
def test_invalid_answers_are_rejected(
    db: Session, ruth: Actor, mara: int, values: ConsentValues, message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        record(db, ruth, mara, **values)
    assert donors.consents(db, ruth, mara) == []


def test_other_users_cannot_read_or_record_consent(db: Session, mara: int) -> None:
    stranger = make.person(db)
    with pytest.raises(NotFoundError):
        donors.consents(db, stranger, mara)
    with pytest.raises(NotFoundError):
        record(db, stranger, mara)


def test_a_coach_sees_no_amounts(db: Session, ruth: Actor, mara: int) -> None:
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    record(db, ruth, mara, source="Wrote on the cheque of $250")
    assert donors.consents(db, coach, mara)[0].source == "Wrote on the cheque of an amount"


ANSWERS = st.lists(
    st.builds(
        Consent,
        st.sampled_from(list(CHANNELS)),
        st.sampled_from(list(PURPOSES)),
        st.booleans(),
        st.just("a card"),
        st.dates(date(2020, 1, 1), date(2020, 1, 9)),
        st.none(),
    ),
    max_size=12,
)


@given(ANSWERS)
def test_the_newest_answer_is_in_force(answers: list[Consent]) -> None:
    """No later answer applies to the channel and purpose of an answer in force."""
    newest = sorted(answers, key=lambda answer: answer.given_on, reverse=True)
    in_force = donors.in_force(newest)
    for answer in in_force:
        later = newest[: newest.index(answer)]
        assert not [
            other
            for other in later
            if other.channel == answer.channel and other.purpose in {answer.purpose, "everything"}
        ]
    assert {answer.channel for answer in in_force} == {answer.channel for answer in answers}
    assert len({(answer.channel, answer.purpose) for answer in in_force}) == len(in_force)


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        pytest.param(("phone",), [], id="the call"),
        pytest.param(("email",), ["Call Tom Reed about the pledge"], id="not the call"),
        pytest.param(("phone", "email", "mail"), [], id="everything"),
    ],
)
def test_a_refusal_closes_the_tasks_it_forbids_at_once(
    db: Session,
    ruth: Actor,
    today: date,
    now: datetime,
    refused: tuple[str, ...],
    expected: list[str],
) -> None:
    donor = make.donor(db, ruth, "Tom Reed", phone="555 0100")
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    for channel in refused:
        record(db, ruth, donor, channel, "everything", granted=False)
    assert [task.title for task in tasks.due(db, ruth, today=today)] == expected


def test_a_refusal_of_letters_and_mail_closes_the_letter_at_once(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    donor = make.donor(db, ruth, "Tom Reed", no_phone=True)
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    letter = "Write to Tom Reed about the pledge"
    assert [task.title for task in tasks.due(db, ruth, today=today)] == [letter]
    for channel in ("mail", "email"):
        record(db, ruth, donor, channel, "everything", granted=False)
    assert tasks.due(db, ruth, today=today) == []
