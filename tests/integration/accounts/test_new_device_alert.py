"""A device not seen before is told of, once, and a known one is not."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app import accounts
from app.db.models import OutboxMessage
from tests import factories as make

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER = FIREFOX.replace("140", "141")
PHONE = "Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1"


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db, name="Ruth Adler", email="ruth@example.org", time_zone="America/Denver")


def enter(db, who, agent, *, now=NOW, address="192.0.2.7"):
    accounts.open_session(db, user_id=who.user_id, now=now, user_agent=agent, address=address)
    return db.scalars(
        select(OutboxMessage).where(OutboxMessage.user_id == who.user_id).order_by("id")
    ).all()


def test_the_first_device_is_no_news_and_the_second_is(db, ruth):
    assert not enter(db, ruth, FIREFOX)
    assert not enter(db, ruth, NEWER, now=NOW + timedelta(days=40))
    (mail,) = enter(db, ruth, PHONE)
    assert (mail.to_email, mail.name) == ("ruth@example.org", "new_sign_in")
    assert mail.subject == "Safari on iPhone signed in to your account"
    assert "on 23 Nov at 11:30, from the network address 192.0.2.7." in mail.text_body
    assert "/settings" in mail.html_body
    assert len(enter(db, ruth, PHONE)) == 1


def test_somebody_elses_devices_are_not_known(db, ruth):
    sam = make.person(db, name="Sam")
    enter(db, sam, PHONE)
    enter(db, ruth, FIREFOX)
    assert len(enter(db, ruth, PHONE)) == 1


def test_a_device_of_long_ago_is_news_again(db, ruth):
    enter(db, ruth, FIREFOX)
    enter(db, ruth, PHONE)
    later = NOW + timedelta(days=366)
    enter(db, ruth, FIREFOX, now=later - timedelta(days=5))
    accounts.purge_sessions(db, now=later)
    assert len(enter(db, ruth, PHONE, now=later)) == 2


def test_what_a_browser_says_of_itself_is_no_markup(db, ruth):
    enter(db, ruth, FIREFOX)
    (mail,) = enter(db, ruth, PHONE, address="<b>x</b>")
    assert "<b>x</b>" not in mail.html_body
