"""Switching to the demonstration and back: nothing of one gets into the other."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, func, select

from app import accounts, demo, demonstration_mode
from app.db import transaction_for_system
from app.db.models import Donor, OutboxMessage, User
from app.db.session import demonstration_url, dispose
from app.kit.errors import ConflictError, DonorCrmError
from app.settings import settings
from tests import database as run
from tests import factories as make

NIGHT = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def own(database: URL) -> Iterator[URL]:
    """An organisation's own database; the demonstration's is dropped afterwards."""
    yield database
    dispose()
    run.admin(f'drop database if exists "{demonstration_url(database).database}" with (force)')


def counted(model: type[Donor] | type[User] | type[OutboxMessage]) -> int:
    dispose()
    with transaction_for_system() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def test_there_and_back_and_there_again(own: URL) -> None:
    assert demo.enter(now=NIGHT)
    assert (counted(Donor), counted(OutboxMessage)) == (402, 0)
    with transaction_for_system() as db:
        ruth = accounts.actor_by_email(db, demo.SIGN_INS[0].email)
        make.donor(db, ruth, last_name="Added in the demonstration")
    demo.leave()
    assert (counted(Donor), counted(User)) == (0, 0)
    assert not demonstration_mode.is_on(settings().data_dir)
    assert not demo.enter(now=NIGHT), "it is kept and not loaded a second time"
    assert counted(Donor) == 403


def test_an_organisation_of_its_own_is_not_hidden_by_the_demonstration(own: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db, name="Verein Leuchtturm")
        make.person(db, role="admin")
    with pytest.raises(ConflictError, match="Verein Leuchtturm"):
        demo.enter(now=NIGHT)
    assert not demonstration_mode.is_on(settings().data_dir)


def test_a_load_that_fails_switches_nothing(own: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_values: object) -> bool:
        message = "The disk is full."
        raise DonorCrmError(message)

    monkeypatch.setattr("app.demo.switch.load_if_empty", fail)
    with pytest.raises(DonorCrmError, match="disk is full"):
        demo.enter(now=NIGHT)
    assert not demonstration_mode.is_on(settings().data_dir)


def test_a_session_of_the_demonstration_opens_nothing_in_the_organisation(own: URL) -> None:
    demo.enter(now=NIGHT)
    dispose()
    with transaction_for_system() as db:
        ada = accounts.actor_by_email(db, "ada@demo.example")
        tokens = accounts.issue_tokens(db, user_id=ada.user_id, now=NIGHT)
        assert accounts.token_actor(db, access=tokens.access, now=NIGHT) == ada
    demo.leave()
    dispose()
    with transaction_for_system() as db:
        # the same id as in the demonstration
        db.add(User(id=ada.user_id, email="anja@x.example", name="Anja", role="admin"))
    with transaction_for_system() as db:
        assert accounts.token_actor(db, access=tokens.access, now=NIGHT) is None
