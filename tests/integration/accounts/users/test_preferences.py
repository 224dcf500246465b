"""Preferences are checked below the screen: a request of any kind saves only what exists."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import TypedDict, cast

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts
from app.db import transaction, transaction_for_system
from app.kit.errors import ConflictError, InvalidError
from tests import factories
from tests.values import OrganisationSettings


class Preferences(TypedDict):
    """What a user saves of themselves."""

    name: str
    time_zone: str
    summary_on: bool
    summary_weekday: int
    summary_hour: int
    alert_channels: dict[str, str]
    quiet_from: int
    quiet_until: int
    locale: str


GOOD: Preferences = {
    "name": "Ruth",
    "time_zone": "Europe/Zurich",
    "summary_on": True,
    "summary_weekday": 0,
    "summary_hour": 7,
    "alert_channels": {"late_pledge": "at once", "at_risk": "none"},
    "quiet_from": 20,
    "quiet_until": 7,
    "locale": "de_CH",
}
WRONG = {
    "summary_hour": (-1, 24, 10**9),
    "quiet_from": (-1, 24, None),
    "quiet_until": (-1, 24, None),
    "summary_weekday": (-1, 7),
    "time_zone": ("Atlantis/Capital", "../../etc/passwd", "", "europe/zurich"),
    "alert_channels": (
        {"late_pledge": "telegram"},
        {"late_pledge": ""},
        {"everything": "at once"},
        {"late_pledge": "AT ONCE"},
    ),
    "locale": ("", "xx_YY", "de-CH", "de_XX_1", "../../etc/passwd"),
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
        accounts.update_profile(db, ruth, **cast("Preferences", {**GOOD, name: value}))
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
    good: OrganisationSettings = {
        "name": "House",
        "currency": "USD",
        "time_zone": "UTC",
        "fiscal_start_month": 1,
    }
    with pytest.raises(InvalidError), db.begin_nested():
        accounts.save_organisation(db, ada, **cast("OrganisationSettings", {**good, name: value}))


def test_two_administrators_save_the_organisation_at_the_same_time(database: URL) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        ada, bea = factories.person(db, "admin"), factories.person(db, "admin")
    barrier = Barrier(2)

    def save(pair: tuple[accounts.Actor, str]) -> str:
        actor, tax_id = pair
        with transaction(actor) as db:
            version = accounts.organisation(db).version
            barrier.wait(10)
            try:
                accounts.save_organisation(db, actor, version=version, tax_id=tax_id)
            except ConflictError as error:
                return str(error)
            return tax_id

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(save, [(ada, "1"), (bea, "2")]))
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
        assert saved.version == 2
    assert saved.tax_id in results
    [refused] = [result for result in results if result != saved.tax_id]
    assert refused.startswith("Somebody else changed the organisation's settings")


def test_saving_the_same_settings_is_no_new_version(db: Session) -> None:
    factories.organisation(db)
    ada = factories.person(db, "admin")
    before = accounts.organisation(db)
    assert accounts.save_organisation(db, ada, name=before.name, version=1) == before
    assert accounts.save_organisation(db, ada, name="Other", version=1).version == 2


def test_a_change_of_the_organisation_keeps_what_it_does_not_name_and_is_audited(
    db: Session,
) -> None:
    factories.organisation(db)
    ada = factories.person(db, "admin")
    db.execute(text("update organisation set is_demo = true"))
    settings: OrganisationSettings = {
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


def test_the_currency_stays_while_rates_say_what_others_are_worth_in_it(db: Session) -> None:
    factories.organisation(db)
    ada = factories.person(db, "admin")
    day = date(2026, 1, 1)
    accounts.set_exchange_rate(db, ada, currency="CHF", day=day, rate="1.1", today=day)
    with pytest.raises(InvalidError, match="Delete them before the currency becomes EUR"):
        accounts.save_organisation(db, ada, currency="EUR")
    accounts.delete_exchange_rate(db, ada, currency="CHF", day=day)
    assert accounts.save_organisation(db, ada, currency="EUR").currency == "EUR"
