"""Journey B: a gift becomes a line in the fundraiser's weekly e-mail, at a real mail server."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import URL

from app import gifts
from app.accounts import Actor
from app.db import transaction_for_system
from app.kit.money import Money
from app.settings import settings
from jobs.schedule import run_line
from tests import factories as make
from tests.smtp_sink import Sink, sink
from tests.values import present

SUNDAY = date(2026, 11, 22)
SUNDAY_NOON = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
# Monday in Chicago: six, half past six, eight
SIX = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HALF_PAST_SIX = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
EIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.fixture
def server(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    monkeypatch.setenv("PUBLIC_URL", "https://crm.harbour.example")
    with sink(monkeypatch) as kept:
        settings.cache_clear()
        yield kept


@pytest.fixture
def team(server: Sink) -> tuple[Actor, int, int]:
    """Ruth with a late pledge and a pledge that is kept; Sam with nothing to do."""
    with transaction_for_system() as db:
        make.organisation(db, time_zone="America/Chicago")
        zone = {"time_zone": "America/Chicago"}
        ruth = make.person(db, name="Ruth Adler", email="ruth@harbour.example", goal="500", **zone)
        make.person(db, name="Sam Okoro", email="sam@harbour.example", **zone)
        late = make.donor(db, ruth, "Mara Vogel", phone="555 0101")
        promise = make.pledge(db, late, "50", start=date(2026, 1, 1))
        for month in range(1, 9):
            make.gift(db, late, "50", date(2026, month, 1), pledge_id=promise, thanked_at=EIGHT)
        paying_donor = make.donor(db, ruth, "Käthe Eichstädt")
        make.pledge(db, paying_donor, "75", start=date(2026, 11, 20))
    return ruth, late, paying_donor


def every_job() -> None:
    for name, run_at in (
        ("late_pledges", SIX),
        ("at_risk", HALF_PAST_SIX),
        ("weekly_summaries", EIGHT),
        ("send_mail", EIGHT),
    ):
        run_line(name, run_at, now=run_at)


def test_from_a_gift_to_the_weekly_mail(server: Sink, team: tuple[Actor, int, int]) -> None:
    ruth, late, paying_donor = team
    with transaction_for_system() as db:
        recorded = gifts.record(
            db,
            ruth,
            donor_id=paying_donor,
            amount=Money.of("75", "USD"),
            on=SUNDAY,
            today=SUNDAY,
            now=SUNDAY_NOON,
        )
    assert recorded.pledge_id is not None

    every_job()
    every_job()

    by_recipient = {message["To"]: message for message in server.messages}
    assert sorted(message["To"] for message in server.messages) == sorted(by_recipient)
    hers = by_recipient["ruth@harbour.example"]
    assert hers["Subject"] == "1 gift, $75; 1 pledge late, 1 thank-you waiting"
    assert hers["List-Unsubscribe"].startswith("<https://crm.harbour.example/api/v1/mail/")
    assert hers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part = present(hers.get_body((kind,))).get_content()
        for expected in (
            "Käthe Eichstädt",
            "$75",
            "Mara Vogel",
            "83 days late",
            "$150 behind",
            "555 0101",
            f"https://crm.harbour.example/donor?id={late}",
            "Newly late: Mara Vogel",
            "of the monthly goal",
        ):
            assert expected in part, (kind, expected)
    his = by_recipient["sam@harbour.example"]
    assert his["Subject"] == "A quiet week: nothing needs you"
    assert "Mara" not in his.as_string()


def test_a_gift_on_monday_morning_is_not_called_late_at_eight(
    server: Sink, team: tuple[Actor, int, int]
) -> None:
    ruth, late, _paying_donor = team
    run_line("late_pledges", SIX, now=SIX)
    with transaction_for_system() as db:
        recorded = gifts.record(
            db,
            ruth,
            donor_id=late,
            amount=Money.of("150", "USD"),
            on=date(2026, 11, 23),
            today=date(2026, 11, 23),
            now=HALF_PAST_SIX,
        )
    assert recorded.settled == 1

    every_job()

    hers = next(message for message in server.messages if message["To"] == "ruth@harbour.example")
    text = present(hers.get_body(("plain",))).get_content()
    assert "late" not in hers["Subject"]
    assert "Gave again: Mara Vogel" in text
