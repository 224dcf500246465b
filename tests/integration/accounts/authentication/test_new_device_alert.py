"""Alerts about a new device: once for each device, none for a known one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import accounts
from app.db.models import OutboxMessage
from tests import factories as make
from tests.values import present

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
NEWER = FIREFOX.replace("140", "141")
PHONE = "Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18.0 Safari/604.1"


@pytest.fixture
def ruth(db: Session) -> accounts.Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler", email="ruth@example.org", time_zone="America/Denver")


def sign_in(
    db: Session,
    user: accounts.Actor,
    agent: str,
    *,
    now: datetime = NOW,
    address: str = "192.0.2.7",
) -> Sequence[OutboxMessage]:
    accounts.open_session(db, user_id=user.user_id, now=now, user_agent=agent, address=address)
    return db.scalars(
        select(OutboxMessage).where(OutboxMessage.user_id == user.user_id).order_by("id")
    ).all()


def test_the_first_device_causes_no_alert_and_the_second_does(
    db: Session, ruth: accounts.Actor
) -> None:
    assert not sign_in(db, ruth, FIREFOX)
    assert not sign_in(db, ruth, NEWER, now=NOW + timedelta(days=40))
    (mail,) = sign_in(db, ruth, PHONE)
    assert (mail.to_email, mail.name) == ("ruth@example.org", "new_sign_in")
    assert mail.subject == "Safari on iPhone signed in to your account"
    assert "on 23 Nov at 11:30, from the network address 192.0.2.7." in mail.text_body
    assert "/settings" in present(mail.html_body)
    assert len(sign_in(db, ruth, PHONE)) == 1


def test_another_users_devices_are_not_known(db: Session, ruth: accounts.Actor) -> None:
    sam = make.person(db, name="Sam")
    sign_in(db, sam, PHONE)
    sign_in(db, ruth, FIREFOX)
    assert len(sign_in(db, ruth, PHONE)) == 1


def test_a_device_unused_for_long_causes_an_alert_again(db: Session, ruth: accounts.Actor) -> None:
    sign_in(db, ruth, FIREFOX)
    sign_in(db, ruth, PHONE)
    later = NOW + timedelta(days=366)
    sign_in(db, ruth, FIREFOX, now=later - timedelta(days=5))
    accounts.purge_sessions(db, now=later)
    assert len(sign_in(db, ruth, PHONE, now=later)) == 2


def test_the_user_agent_is_escaped(db: Session, ruth: accounts.Actor) -> None:
    sign_in(db, ruth, FIREFOX)
    (mail,) = sign_in(db, ruth, PHONE, address="<b>x</b>")
    assert "<b>x</b>" not in present(mail.html_body)
