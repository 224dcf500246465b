"""Mails about alerts in the reader's locale, and stored reasons in the organisation's."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import alerts
from app.accounts import Actor
from app.db.models import Alert, OutboxMessage, User
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TEXTS = {
    None: ("50 € a month", "Last gift: 01.08.2026. Behind by 150 €.", "open since 01.09.2026"),
    "en_GB": ("€50 a month", "Last gift: 1 Aug. Behind by €150.", "open since 1 Sep"),
    "fr_FR": ("50 € a month", "Last gift: 01/08/2026. Behind by 150 €.", "open since 01/09/2026"),
    "de_CH": (
        "EUR 50 a month",
        "Last gift: 01.08.2026. Behind by EUR 150.",
        "open since 01.09.2026",
    ),
    "ja_JP": ("€50 a month", "Last gift: 2026/08/01. Behind by €150.", "open since 2026/09/01"),
}


def owner(db: Session, locale: str | None) -> Actor:
    """A fundraiser of a German organisation with a late pledge in euros."""
    make.organisation(db, currency="EUR", locale="de_DE")
    ruth = make.person(db, name="Ruth", locale=locale)
    channels = {"late_pledge": "at once", "at_risk": "at once"}
    db.execute(update(User).where(User.id == ruth.user_id).values(alert_channels=channels))
    donor = make.donor(db, ruth, "Mara Vogel")
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 1), currency="EUR")
    for month in range(1, 9):
        make.gift(db, donor, "50", date(2026, month, 1), pledge_id=pledge, currency="EUR")
    return replace(ruth, locale=locale or "de_DE")


@pytest.mark.parametrize("locale", TEXTS)
def test_the_mail_about_a_late_pledge(db: Session, locale: str | None) -> None:
    ruth = owner(db, locale)
    assert alerts.raise_late_pledges(db, today=TODAY, now=NOW).mailed == 1
    (message,) = db.scalars(select(OutboxMessage)).all()
    for body in (message.text_body, message.html_body or ""):
        written = body.replace("\u00a0", " ").replace("&nbsp;", " ")
        for expected in TEXTS[locale]:
            assert expected in written
    # everybody who shares the work list has one stored reason, and reads it in their own locale
    stored = str(db.scalar(select(Alert.reason)))
    assert "open since 01.09.2026" in stored
    (line,) = alerts.open_for(db, ruth, today=TODAY)
    assert TEXTS[locale][2] in line.reason


@pytest.mark.parametrize(
    ("locale", "day"), [(None, "12.10.2026"), ("en_GB", "12 Oct"), ("ja_JP", "2026/10/12")]
)
def test_the_mail_about_a_donor_at_risk(db: Session, locale: str | None, day: str) -> None:
    ruth = owner(db, locale)
    donor = make.donor(db, ruth, "Tom Reed")
    for month in range(1, 10):
        make.gift(db, donor, "40", date(2026, month, 10), currency="EUR")
    make.rhythm(db, donor, "at risk")
    alerts.raise_at_risk(db, today=TODAY, now=NOW)
    message = db.scalars(select(OutboxMessage).where(OutboxMessage.subject.contains("stopping")))
    assert day in message.one().text_body
