"""Whose transaction it is: refused once the session, token, role or account is another."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import Actor, Role, Scope
from app.db import transaction, transaction_for_system
from app.kit.errors import NotAllowedError, SignedOutError
from tests import factories as make
from tests.values import changed_rows, present

NOW = datetime.now(UTC)
# what another process does meanwhile, and how the person hears of it
CHANGES = {
    "signed out": ("update session set revoked_at = now()", SignedOutError),
    "session too old": ("update session set expires_at = now() - interval '1 s'", SignedOutError),
    "session deleted": ("delete from session", SignedOutError),
    "tokens ended": ("update token_family set revoked_at = now()", SignedOutError),
    "tokens too old": ("update token_family set expires_at = now()", SignedOutError),
    "token ended": ("update api_token set revoked_at = now()", SignedOutError),
    "token too old": ("update api_token set expires_at = now()", SignedOutError),
    "deactivated": ("update app_user set active = false where name = 'Ada'", SignedOutError),
    "another role": ("update app_user set role = 'coach' where name = 'Ada'", NotAllowedError),
    "looking": (
        "update session set viewing_id = (select id from app_user where name = 'Sam')",
        NotAllowedError,
    ),
}
OF_SESSIONS = {"signed out", "session too old", "session deleted", "looking"}
OF_TOKENS = {"tokens ended", "tokens too old"}
OF_PERSONAL = {"token ended", "token too old"}
OF_ALL = {"deactivated", "another role"}


@pytest.fixture
def ada(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        make.person(db, name="Sam")
        return make.person(db, "admin", name="Ada")


def by_session(ada: accounts.Actor) -> accounts.Actor:
    with transaction_for_system() as db:
        session_id, _ = accounts.open_session(db, user_id=ada.user_id, now=NOW)
        return present(accounts.session_actor(db, session_id=session_id, now=NOW))


def by_tokens(ada: accounts.Actor) -> accounts.Actor:
    with transaction_for_system() as db:
        access = accounts.issue_tokens(db, user_id=ada.user_id, now=NOW).access
        return present(accounts.token_actor(db, access=access, now=NOW))


def by_personal(ada: accounts.Actor) -> Actor:
    with transaction_for_system() as db:
        token = accounts.create_api_token(
            db, ada, name="Till", scopes=frozenset({Scope.READ}), lasts=timedelta(days=1), now=NOW
        )
        return present(accounts.api_token_actor(db, token=token, now=NOW)).actor


WAYS = {
    by_session: OF_SESSIONS | OF_ALL,
    by_tokens: OF_TOKENS | OF_ALL,
    by_personal: OF_PERSONAL | OF_ALL,
}
CASES = [(way, change) for way, own in WAYS.items() for change in CHANGES if change in own]


@pytest.mark.parametrize("opened", [transaction, transaction_for_system])
@pytest.mark.parametrize(("way", "change"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_what_another_process_changes_is_seen_by_the_statement_that_enters(
    ada: accounts.Actor,
    way: Callable[..., object],
    change: str,
    opened: Callable[..., AbstractContextManager[Session]],
) -> None:
    actor = way(ada)
    with opened(actor):
        pass
    statement, error = CHANGES[change]
    with transaction_for_system() as db:
        assert changed_rows(db.execute(text(statement))) > 0
    with pytest.raises(error, match="Nothing was saved"), opened(actor):
        pytest.fail("the transaction was entered")


def test_a_session_is_good_for_its_own_person_alone(ada: accounts.Actor) -> None:
    actor = by_session(ada)
    with transaction_for_system() as db:
        sam = make.person(db, "admin", name="Sal")
    with pytest.raises(SignedOutError), transaction(replace(sam, session_id=actor.session_id)):
        pytest.fail("another's session was good enough")


@pytest.mark.parametrize("way", [by_tokens, by_personal])
def test_a_token_is_good_for_its_own_person_alone(
    ada: Actor, way: Callable[[Actor], Actor]
) -> None:
    actor = way(ada)
    with transaction_for_system() as db:
        sal = make.person(db, "admin", name="Sal")
    with pytest.raises(SignedOutError), transaction(replace(sal, program=actor.program)):
        pytest.fail("another's token was good enough")


def test_who_looks_as_another_goes_on_until_the_view_ends(ada: Actor) -> None:
    own = by_session(ada)
    with transaction_for_system() as db:
        sam = db.execute(text("select id from app_user where name = 'Sam'")).scalar_one()
        accounts.impersonate(db, own, session_id=present(own.session_id), user_id=sam)
        collected = accounts.session_actor(db, session_id=present(own.session_id), now=NOW)
    assert (present(collected).user_id, present(collected).viewer_id, present(collected).role) == (
        sam,
        ada.user_id,
        Role.FUNDRAISER,
    )
    with transaction(collected):
        pass
    with transaction_for_system() as db:
        db.execute(text(CHANGES["deactivated"][0]))
    with pytest.raises(SignedOutError), transaction(collected):
        pytest.fail("whoever looks was deactivated")
    with transaction_for_system() as db:
        db.execute(text("update app_user set active = true"))
    for change in ("update session set viewing_id = null", CHANGES["deactivated"][0]):
        with transaction_for_system() as db:
            db.execute(text(change))
        with pytest.raises(NotAllowedError), transaction(collected):
            pytest.fail("the view had ended")
