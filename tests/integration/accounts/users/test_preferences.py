"""Preferences are checked below the screen: a request of any kind saves only what exists."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts
from app.kit.errors import InvalidError
from app.kit.money import MAX_MINOR
from tests import factories

GOOD: dict[str, Any] = {
    "name": "Ruth",
    "time_zone": "Europe/Zurich",
    "monthly_goal_minor": 100,
    "summary_on": True,
    "summary_weekday": 0,
    "summary_hour": 7,
    "alert_channels": {"late_pledge": "at once", "at_risk": "none"},
    "quiet_from": 20,
    "quiet_until": 7,
}
WRONG = {
    "summary_hour": (-1, 24, 10**9),
    "quiet_from": (-1, 24, None),
    "quiet_until": (-1, 24, None),
    "summary_weekday": (-1, 7),
    "time_zone": ("Atlantis/Capital", "../../etc/passwd", "", "europe/zurich"),
    "monthly_goal_minor": (-1, MAX_MINOR + 1),
    "alert_channels": (
        {"late_pledge": "telegram"},
        {"late_pledge": ""},
        {"everything": "at once"},
        {"late_pledge": "AT ONCE"},
    ),
    "name": ("", "x" * 121, "a\u202eb", "a\0b"),
}


@pytest.fixture
def ruth(db: Session) -> accounts.Actor:
    factories.organisation(db)
    return factories.person(db, name="Ruth")


def state(db: Session, who: accounts.Actor) -> tuple[object, ...]:
    row = text("select to_jsonb(u) - 'updated_at' - 'version' from app_user u where id = :id")
    return db.execute(row, {"id": who.user_id}).one()


def test_what_exists_is_saved(db: Session, ruth: accounts.Actor) -> None:
    accounts.update_profile(db, ruth, **GOOD)
    mine = accounts.profile(db, ruth)
    assert {name: getattr(mine, name) for name in GOOD} == GOOD


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, wrong in WRONG.items() for v in wrong])
def test_what_does_not_exist_is_a_sentence_and_nothing_is_saved(
    db: Session, ruth: accounts.Actor, name: str, value: int | str | dict[str, str] | None
) -> None:
    before = state(db, ruth)
    with pytest.raises(InvalidError, match=r"^[A-Z“].*\.$"), db.begin_nested():
        accounts.update_profile(db, ruth, **GOOD | {name: value})
    assert state(db, ruth) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "XXY"),
        ("currency", "usd"),
        ("time_zone", "Atlantis/Capital"),
        ("fiscal_start_month", 0),
        ("fiscal_start_month", 13),
        ("name", ""),
        ("name", "a\u202eb"),
        ("locale", "xx_YY"),
        ("locale", "../../etc"),
        ("locale", ""),
    ],
)
def test_nor_is_it_for_the_organisation(db: Session, name: str, value: str | int) -> None:
    factories.organisation(db)
    ada = factories.person(db, "admin")
    good: dict[str, Any] = {
        "name": "House",
        "currency": "USD",
        "time_zone": "UTC",
        "fiscal_start_month": 1,
    }
    with pytest.raises(InvalidError), db.begin_nested():
        accounts.save_organisation(db, ada, **good | {name: value})


def test_a_change_of_the_organisation_keeps_what_it_does_not_name_and_is_audited(
    db: Session,
) -> None:
    factories.organisation(db)
    ada = factories.person(db, "admin")
    db.execute(text("update organisation set is_demo = true"))
    settings: dict[str, Any] = {
        "name": "House",
        "currency": "CHF",
        "time_zone": "UTC",
        "fiscal_start_month": 7,
    }
    accounts.save_organisation(db, ada, **settings, locale="de-ch")
    accounts.save_organisation(db, ada, **settings | {"fiscal_start_month": 4})
    saved = accounts.organisation(db)
    assert (saved.locale, saved.is_demo, saved.fiscal_start_month) == ("de_CH", True, 4)
    entries = db.execute(
        text(
            "select before, after from activity where action = 'organisation.changed' order by id"
        )
    ).all()
    assert entries[-1] == ({"fiscal_start_month": 7}, {"fiscal_start_month": 4})
    accounts.save_organisation(db, ada, **settings | {"fiscal_start_month": 4})
    count = text("select count(*) from activity where action = 'organisation.changed'")
    assert db.scalar(count) == len(entries)
