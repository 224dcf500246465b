"""The first set-up of an installation: the code, the answers, and two browsers at once."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, func, select
from sqlalchemy.orm import Session

from app import accounts, mail, organisation_settings
from app.accounts import Role
from app.db import transaction_for_system
from app.db.models import Activity, Organisation, User
from app.kit.errors import ConflictError, DonorCrmError, InvalidError
from app.mail import MailServer
from app.organisation_settings import SetUp
from app.settings import settings
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ANSWERS = SetUp(
    name="Verein Leuchtturm",
    currency="EUR",
    time_zone="Europe/Berlin",
    locale="de_DE",
    fiscal_start_month=7,
    administrator="Anja Brandt",
    email="anja@leuchtturm.example",
    password="sieben ruhige Boote im Hafen",
)


def test_the_organisation_and_its_administrator_are_saved(db: Session) -> None:
    user_id = organisation_settings.set_up(
        db, ANSWERS, code=organisation_settings.setup_code(), now=NOW
    )
    saved = accounts.organisation(db)
    assert (saved.name, saved.currency, saved.time_zone) == (
        "Verein Leuchtturm",
        "EUR",
        "Europe/Berlin",
    )
    assert (saved.locale, saved.fiscal_start_month, saved.is_demo) == ("de_DE", 7, False)
    anja = accounts.actor_by_id(db, user_id)
    assert (anja.role, anja.name, anja.locale) == (Role.ADMIN, "Anja Brandt", "de_DE")
    entered = accounts.sign_in(
        db, email="ANJA@leuchtturm.example", password=ANSWERS.password, now=NOW
    )
    assert entered == anja
    entries = db.scalars(select(Activity.action).order_by(Activity.id)).all()
    assert entries == [
        "organisation.changed",
        "user.created",
        "organisation.set_up",
        "sign_in.succeeded",
    ]


@pytest.mark.parametrize(
    "spelling", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"]
)
def test_the_code_is_read_as_people_type_it(spelling: "type[str]") -> None:
    organisation_settings.require_setup_code(spelling(organisation_settings.setup_code()))


@pytest.mark.parametrize("code", ["", "AAAA-BBBB-CCCC", "ä" * 12, "setup_code"])
def test_without_the_code_nothing_is_saved(db: Session, code: str) -> None:
    with pytest.raises(InvalidError, match="not the set-up code"):
        organisation_settings.set_up(db, ANSWERS, code=code, now=NOW)
    assert accounts.has_no_users(db)
    assert db.scalar(select(func.count()).select_from(Organisation)) == 0


def test_the_code_stays_the_same_and_is_another_in_each_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = organisation_settings.setup_code()
    assert code == organisation_settings.setup_code()
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    monkeypatch.setenv("SECRET_KEY", "the key of another place, 0123456789 abcdefgh")
    settings.cache_clear()
    assert organisation_settings.setup_code() != code


def test_an_installation_with_an_account_is_not_claimed_again(db: Session) -> None:
    make.person(db, role="fundraiser")
    with pytest.raises(ConflictError, match="set up in the meantime"):
        organisation_settings.set_up(db, ANSWERS, code=organisation_settings.setup_code(), now=NOW)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "  "}, "needs a name"),
        ({"name": "x" * 300}, "name"),
        ({"currency": "DM"}, "not a currency"),
        ({"time_zone": ""}, "Choose a time zone"),
        ({"time_zone": "Europe/Atlantis"}, "no time zone"),
        ({"locale": "xx_YY"}, "no locale"),
        ({"fiscal_start_month": 13}, "1 to 12"),
        ({"administrator": ""}, "name is needed"),
        ({"email": "anja"}, "not an e-mail"),
        ({"password": "short"}, "12 to 128"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "easy to guess"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_is_saved(
    database: URL, wrong: dict[str, str | int], sentence: str
) -> None:
    answers = replace(ANSWERS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidError, match=sentence), transaction_for_system() as db:
        organisation_settings.set_up(db, answers, code=organisation_settings.setup_code(), now=NOW)
    with transaction_for_system() as db:
        assert accounts.has_no_users(db)
        assert db.scalar(select(func.count()).select_from(Organisation)) == 0


def test_of_two_browsers_one_wins(database: URL) -> None:
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def claim(number: int) -> None:
        answers = replace(ANSWERS, name=f"Organisation {number}", email=f"a{number}@x.example")
        start.wait()
        try:
            with transaction_for_system() as db:
                organisation_settings.set_up(
                    db, answers, code=organisation_settings.setup_code(), now=NOW
                )
            outcomes.append(answers.name)
        except DonorCrmError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[:3] == ["ConflictError"] * 3
    with transaction_for_system() as db:
        assert db.scalar(select(func.count()).select_from(User)) == 1
        assert accounts.organisation(db).name == sorted(outcomes)[3]


SERVER = MailServer("smtp.example.org", 587, True, "office", "secret", "office@example.org")


def test_a_mail_server_is_saved_with_the_organisation(db: Session) -> None:
    answers = replace(ANSWERS, mail_server=SERVER)
    organisation_settings.set_up(db, answers, code=organisation_settings.setup_code(), now=NOW)
    assert mail.saved_server(db) == SERVER
    assert "secret" not in repr(answers)


@pytest.mark.parametrize(
    "server",
    [replace(SERVER, host=""), replace(SERVER, port=0), replace(SERVER, sender="office")],
    ids=["host", "port", "sender"],
)
def test_a_wrong_mail_server_saves_nothing(db: Session, server: MailServer) -> None:
    answers = replace(ANSWERS, mail_server=server)
    with pytest.raises(InvalidError), db.begin_nested():
        organisation_settings.set_up(db, answers, code=organisation_settings.setup_code(), now=NOW)
    assert accounts.has_no_users(db)
    assert mail.saved_server(db) is None


def test_a_mail_server_is_tried_only_with_the_code_and_before_the_set_up(db: Session) -> None:
    code = organisation_settings.setup_code()
    assert organisation_settings.server_to_try(db, SERVER, code=code) == SERVER
    with pytest.raises(InvalidError, match="not the set-up code"):
        organisation_settings.server_to_try(db, SERVER, code="AAAA-BBBB-CCCC")
    organisation_settings.set_up(db, ANSWERS, code=code, now=NOW)
    with pytest.raises(ConflictError):
        organisation_settings.server_to_try(db, SERVER, code=code)
