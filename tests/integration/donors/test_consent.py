"""Consent: what was answered, what holds now, and who may write it down."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app import alerts, donors, tasks
from app.donors import CHANNELS, PURPOSES, Consent
from app.kit.errors import InvalidError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db, name="Ruth")


@pytest.fixture
def mara(db, ruth):
    return make.donor(db, ruth, "Mara")


def say(db, who, donor_id, channel="email", purpose="news", **more):
    fields = {"granted": True, "source": "A card", "given_on": TODAY, "today": TODAY} | more
    donors.record_consent(db, who, donor_id=donor_id, channel=channel, purpose=purpose, **fields)


def flags(db, who, donor_id):
    fields = donors.get(db, who, donor_id, today=TODAY).fields
    return fields.no_email, fields.no_phone, fields.no_mail


def test_every_answer_is_kept_with_its_day_and_source(db, ruth, mara):
    say(db, ruth, mara, granted=True, given_on=date(2025, 3, 1), source=" Card at  the fair ")
    say(db, ruth, mara, granted=False, source="Called")
    assert donors.consents(db, ruth, mara) == [
        Consent("email", "news", False, "Called", TODAY, "Ruth"),
        Consent("email", "news", True, "Card at the fair", date(2025, 3, 1), "Ruth"),
    ]
    assert donors.in_force(donors.consents(db, ruth, mara)) == [
        Consent("email", "news", False, "Called", TODAY, "Ruth")
    ]
    said = db.execute(text("select sentence from activity order by id desc limit 1")).scalar_one()
    assert said == "Refused news of the work by e-mail (Called)."


def test_a_word_about_everything_sets_not_wished(db, ruth, mara):
    assert flags(db, ruth, mara) == (False, False, False)
    for channel in ("email", "phone", "mail", "text"):
        say(db, ruth, mara, channel, "everything", granted=False)
    assert flags(db, ruth, mara) == (True, True, True)
    say(db, ruth, mara, "phone", "everything", granted=True)
    assert flags(db, ruth, mara) == (True, False, True)
    # one purpose alone says nothing about the others
    say(db, ruth, mara, "email", "thanks", granted=True)
    assert flags(db, ruth, mara) == (True, False, True)


def test_an_older_answer_written_down_later_changes_nothing(db, ruth, mara):
    say(db, ruth, mara, "mail", "everything", granted=False)
    say(db, ruth, mara, "mail", "everything", granted=True, given_on=date(2020, 1, 1))
    assert flags(db, ruth, mara) == (False, False, True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"channel": "fax"}, "from the lists"),
        ({"purpose": "fun"}, "from the lists"),
        ({"source": "  "}, "how you know"),
        ({"source": "x" * 301}, "300 characters"),
        ({"given_on": TODAY + timedelta(days=1)}, "cannot lie ahead"),
        ({"given_on": date(1899, 12, 31)}, "before 1900"),
    ],
)
def test_what_cannot_be_is_said(db, ruth, mara, wrong, words):
    with pytest.raises(InvalidError, match=words):
        say(db, ruth, mara, **wrong)
    assert donors.consents(db, ruth, mara) == []


def test_a_stranger_reads_and_writes_nothing(db, mara):
    stranger = make.person(db)
    with pytest.raises(NotFoundError):
        donors.consents(db, stranger, mara)
    with pytest.raises(NotFoundError):
        say(db, stranger, mara)


def test_a_coach_reads_no_amounts(db, ruth, mara):
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    say(db, ruth, mara, source="Wrote on the cheque of $250")
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
def test_what_holds_is_the_newest_word(answers):
    """Against the rule spelled the long way: ask of each pair who spoke last about it."""
    newest = sorted(answers, key=lambda one: one.given_on, reverse=True)
    held = donors.in_force(newest)
    for one in held:
        later = newest[: newest.index(one)]
        assert not [
            other
            for other in later
            if other.channel == one.channel and other.purpose in {one.purpose, "everything"}
        ]
    assert {one.channel for one in held} == {one.channel for one in answers}
    assert len({(one.channel, one.purpose) for one in held}) == len(held)


@pytest.mark.parametrize(
    ("refused", "task"),
    [
        pytest.param(("phone",), [], id="the call"),
        pytest.param(("email",), ["Call Tom Reed about the pledge"], id="not the call"),
        pytest.param(("phone", "email", "mail"), [], id="everything"),
    ],
)
def test_a_refusal_closes_the_tasks_it_forbids_at_once(db, ruth, today, now, refused, task):
    donor = make.donor(db, ruth, "Tom Reed", phone="555 0100")
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    for channel in refused:
        say(db, ruth, donor, channel, "everything", granted=False)
    assert [one.title for one in tasks.due(db, ruth, today=today)] == task


def test_a_refusal_of_letters_and_mail_closes_the_letter_at_once(db, ruth, today, now):
    donor = make.donor(db, ruth, "Tom Reed", no_phone=True)
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    letter = "Write to Tom Reed about the pledge"
    assert [one.title for one in tasks.due(db, ruth, today=today)] == [letter]
    for channel in ("mail", "email"):
        say(db, ruth, donor, channel, "everything", granted=False)
    assert tasks.due(db, ruth, today=today) == []
