"""What a statement of any kind may write about accounts, as each role of the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import Role
from app.accounts.authentication.passwords import hash_password
from app.db import transaction, transaction_for_system
from app.db.models import Base
from app.db.security import account_grants, entering
from app.db.security.role_names import COACH, PERSON
from app.kit.errors import ConflictError, NotAllowedError
from tests import factories as make
from tests.values import changed_rows, present

# before a fixture lets the bare transactions of a test be the system's
ENTER = entering.set_identity
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
# SQLSTATE of a missing right, and of a row that a policy refuses
INSUFFICIENT = "42501"
LATER = NOW + timedelta(days=1)
PASSWORD = "violet ladder seven oceans"
ROLES = ["fundraiser", "supervisor", "coach", "finance", "read_only"]


@pytest.fixture
def people(database: URL) -> dict[str, accounts.Actor]:
    """One person of every role, each with a session, a refresh token and a personal token."""
    with transaction_for_system() as db:
        make.organisation(db)
        result = {role: make.person(db, role) for role in [*ROLES, "admin"]}
        for actor in result.values():
            accounts.open_session(db, user_id=actor.user_id, now=NOW)
            accounts.issue_tokens(db, user_id=actor.user_id, now=NOW)
            accounts.create_api_token(
                db, actor, name="Program", scopes=frozenset({accounts.Scope.READ}), now=NOW
            )
    return result


def state() -> list[tuple[object, ...]]:
    """Everything that decides who somebody is."""
    with transaction_for_system() as db:
        return [
            tuple(row)
            for table in (
                "app_user",
                "session",
                "token_family",
                "api_token",
                "one_time_code",
                "team_member",
                "organisation",
            )
            for row in db.execute(text(f"select * from {table} order by 1, 2"))
        ]


ATTACKS = {
    "make oneself an administrator": "update app_user set role = 'admin' where id = :me",
    "make oneself an administrator, with the rest": (
        "update app_user set name = 'x', role = 'admin' where id = :me"
    ),
    "make everybody an administrator": "update app_user set role = 'admin'",
    "make an administrator a fundraiser": (
        "update app_user set role = 'fundraiser' where id = :admin"
    ),
    "end an administrator's account": "update app_user set active = false where id = :admin",
    "set an administrator's password": (
        "update app_user set password_hash = 'known' where id = :admin"
    ),
    "take an administrator's e-mail": "update app_user set email = 'x@y.z' where id = :admin",
    "end one's account": "update app_user set active = false where id = :me",
    "remove an administrator": "delete from app_user where id = :admin",
    "make another administrator": (
        "insert into app_user (email, name, role) values ('x@y.z', 'X', 'admin')"
    ),
    "make a fundraiser with a password": (
        "insert into app_user (email, name, role, password_hash, invited_by)"
        " values ('x@y.z', 'X', 'fundraiser', 'known', :me)"
    ),
    "open an administrator's session": (
        "insert into session (id, user_id, token_hash, expires_at)"
        " values ('0123456789012345678901', :admin, 'known', :later)"
    ),
    "take over an administrator's session": (
        "update session set token_hash = 'known' where user_id = :admin"
    ),
    "give one's session to an administrator": (
        "update session set user_id = :admin where user_id = :me"
    ),
    "give everybody's sessions to an administrator": "update session set user_id = :admin",
    "give everybody's tokens to an administrator": "update api_token set user_id = :admin",
    "end everybody's sessions": "delete from session",
    "sign an administrator out": "update session set revoked_at = :later where user_id = :admin",
    "look as somebody else by an administrator's session": (
        "update session set viewing_id = :me where user_id = :admin"
    ),
    "open an administrator's refresh token": (
        "insert into token_family (id, user_id, token_hash, rotated_at, expires_at)"
        " values ('x', :admin, 'known', :later, :later)"
    ),
    "know an administrator's refresh token": "update token_family set token_hash = 'known'",
    "make a token for an administrator": (
        "insert into api_token (user_id, name, token_hash, scopes)"
        " values (:admin, 'x', 'known', '{write}')"
    ),
    "give one's token to an administrator": (
        "update api_token set user_id = :admin where user_id = :me"
    ),
    "widen one's token": "update api_token set scopes = '{write}' where user_id = :me",
    "reset an administrator's password": (
        "insert into one_time_code (code_hash, purpose, user_id, expires_at)"
        " values ('known', 'reset', :admin, :later)"
    ),
    "invite an administrator anew": (
        "insert into one_time_code (code_hash, purpose, user_id, expires_at)"
        " values ('known', 'invitation', :admin, :later)"
    ),
    "use up an administrator's code": (
        "update one_time_code set used_at = :later where user_id = :admin"
    ),
    "lead a colleague": (
        "insert into team_member (lead_id, member_id, kind) values (:me, :admin, 'supervisor')"
    ),
    "disband the teams": "delete from team_member",
    "rename the organisation": "update organisation set name = 'x'",
}


def refused(
    attempt: Callable[[], AbstractContextManager[Session]],
    statement: str,
    values: dict[str, object],
) -> bool:
    """Run a statement in a transaction; whether a right refuses it, or it finds no row."""
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    try:
        with attempt() as db:
            return changed_rows(db.execute(text(statement), used)) == 0
    except DBAPIError as error:
        return getattr(error.orig, "pgcode", None) == INSUFFICIENT


@contextmanager
def no_actor() -> Iterator[Session]:
    with transaction_for_system() as db:
        ENTER(db, None)
        yield db


@pytest.mark.parametrize("role", ROLES)
def test_no_statement_raises_the_role_of_a_user(
    people: dict[str, accounts.Actor], role: str
) -> None:
    with transaction_for_system() as db:
        accounts.set_team(
            db,
            people["admin"],
            lead_id=people["supervisor"].user_id,
            member_ids=[people["fundraiser"].user_id],
        )
    before = state()
    values = {
        "me": people[role].user_id,
        "admin": people["admin"].user_id,
        "later": LATER,
    }
    for attack, statement in ATTACKS.items():
        assert refused(lambda: transaction(people[role]), statement, values), attack
        assert state() == before, attack


def test_the_same_statements_work_for_the_owner(people: dict[str, accounts.Actor]) -> None:
    """The test above can fail."""
    values = {"me": people["fundraiser"].user_id, "admin": people["admin"].user_id, "later": LATER}
    changed = 0
    for statement in ATTACKS.values():
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        with transaction_for_system() as db:
            inner = db.begin_nested()
            changed += changed_rows(db.execute(text(statement), used)) > 0
            inner.rollback()
    assert changed == len(ATTACKS) - 1, "there is no team yet"


def test_a_transaction_without_an_actor_writes_only_that_a_token_was_used(
    people: dict[str, accounts.Actor],
) -> None:
    admin = people["admin"].user_id
    before = state()
    for attack, statement in ATTACKS.items():
        if ":me" not in statement and "revoked_at" not in statement:
            assert refused(no_actor, statement, {"admin": admin, "later": LATER}), attack
            assert state() == before, attack
    with no_actor() as db:
        for table, column in (("session", "last_seen_at"), ("api_token", "last_used_at")):
            noted = text(f"update {table} set {column} = :later where user_id = :admin")
            assert changed_rows(db.execute(noted, {"later": LATER, "admin": admin})) == 1


@pytest.mark.parametrize("role", [*ROLES, "admin"])
def test_users_change_their_own_settings_password_and_tokens(
    people: dict[str, accounts.Actor], role: str
) -> None:
    actor = people[role]
    with transaction_for_system() as db:
        db.execute(
            text("update app_user set password_hash = :hash where id = :id"),
            {"hash": hash_password(PASSWORD), "id": actor.user_id},
        )
    with transaction(actor) as db:
        mine = accounts.profile(db, actor)
        accounts.update_profile(
            db,
            actor,
            name="New Name",
            time_zone=mine.time_zone,
            summary_on=False,
            summary_weekday=2,
            summary_hour=9,
            alert_channels={},
            quiet_from=None,
            quiet_until=None,
            locale="de_CH",
        )
        accounts.change_password(
            db, actor, old=PASSWORD, new="amber kettle nine mountains", keep_session=None, now=NOW
        )
        accounts.create_api_token(
            db, actor, name="Calendar", scopes=frozenset({accounts.Scope.READ}), now=NOW
        )
        accounts.end_other_sessions(db, actor, keep=None, now=NOW)
        assert accounts.profile(db, actor).name == "New Name"
        assert accounts.devices(db, actor, now=NOW) == []


def test_an_administrator_runs_the_accounts(people: dict[str, accounts.Actor]) -> None:
    admin, fundraiser = people["admin"], people["fundraiser"]
    with transaction(admin) as db:
        created = accounts.create_user(
            db, admin, email="new@example.org", name="New", role="finance", password=None
        )
        accounts.change_role(db, admin, user_id=created, role="read_only", now=NOW)
        accounts.set_team(
            db, admin, lead_id=people["supervisor"].user_id, member_ids=[fundraiser.user_id]
        )
        accounts.deactivate(db, admin, user_id=fundraiser.user_id, now=NOW)
        accounts.reactivate(db, admin, user_id=fundraiser.user_id)
        accounts.invite(db, admin, email="sam@example.org", name="Sam", role="coach", now=NOW)
        accounts.save_organisation(
            db, admin, name="Renamed", currency="USD", time_zone="UTC", fiscal_start_month=7
        )
    with transaction_for_system() as db:
        assert accounts.organisation(db).name == "Renamed"
        over = "select count(*) from session where user_id = :id and revoked_at is null"
        assert db.scalar(text(over), {"id": fundraiser.user_id}) == 0
        assert db.scalar(text("select count(*) from app_user")) == 8


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_who_may_impersonates_another_user_and_ends_it(
    people: dict[str, accounts.Actor], role: str
) -> None:
    actor, fundraiser = people[role], people["fundraiser"]
    with transaction_for_system() as db:
        accounts.set_team(
            db,
            people["admin"],
            lead_id=people["supervisor"].user_id,
            member_ids=[fundraiser.user_id],
        )
        session_id, _ = accounts.open_session(db, user_id=actor.user_id, now=NOW)
    with transaction(actor) as db:
        accounts.impersonate(db, actor, session_id=session_id, user_id=fundraiser.user_id)
    with transaction_for_system() as db:
        looking = accounts.session_actor(db, session_id=session_id, now=LATER)
        assert (present(looking).user_id, present(looking).viewer_id) == (
            fundraiser.user_id,
            actor.user_id,
        )
    with transaction(actor) as db:
        accounts.end_impersonation(db, actor, session_id=session_id)
    with transaction_for_system() as db:
        assert (
            present(accounts.session_actor(db, session_id=session_id, now=LATER)).viewer_id is None
        )


def test_a_supervisor_invites_withdraws_and_invites_again(
    people: dict[str, accounts.Actor],
) -> None:
    lead = people["supervisor"]
    sam = {"email": "sam@example.org", "name": "Sam", "role": "fundraiser"}
    with transaction(lead) as db:
        created = accounts.invite(db, lead, **sam, now=NOW)
    takeover = "update app_user set password_hash = 'known', active = true where id = :id"
    # neither of an invited account nor of a withdrawn one does the inviting user set the password
    assert refused(lambda: transaction(lead), takeover, {"id": created.user_id})
    with transaction(lead) as db:
        accounts.withdraw_invitation(db, lead, user_id=created.user_id, now=NOW)
    assert refused(lambda: transaction(lead), takeover, {"id": created.user_id})
    with transaction(lead) as db:
        assert accounts.invite(db, lead, **sam, now=LATER).user_id == created.user_id
    with transaction(lead) as db, pytest.raises(ConflictError, match="invited already"):
        accounts.invite(db, lead, **sam, now=LATER)
    with transaction(lead) as db:
        again = accounts.invite_again(db, lead, user_id=created.user_id, now=LATER + timedelta(1))
    with transaction_for_system() as db:
        accounts.accept_invitation(db, code=again.code, new=PASSWORD, now=LATER + timedelta(1))
        team = db.scalars(text("select member_id from team_member")).all()
    assert team == [created.user_id]
    # and from then on it is the person's own
    assert refused(lambda: transaction(lead), takeover, {"id": created.user_id})


def test_a_supervisor_does_not_change_the_role_of_a_withdrawn_invitation(
    people: dict[str, accounts.Actor],
) -> None:
    admin, lead = people["admin"], people["supervisor"]
    with transaction(admin) as db:
        created = accounts.invite(
            db, admin, email="sam@example.org", name="Sam", role="finance", now=NOW
        )
        accounts.withdraw_invitation(db, admin, user_id=created.user_id, now=NOW)
    refused = pytest.raises(NotAllowedError, match="was invited with another role before")
    with refused, transaction(lead) as db:
        accounts.invite(db, lead, email="sam@example.org", name="Sam", role="fundraiser", now=NOW)
    with transaction(admin) as db:
        accounts.invite(
            db, admin, email="sam@example.org", name="Sam", role=Role.FUNDRAISER, now=NOW
        )


@pytest.mark.parametrize("column", ["id", "email", "role", "last_sign_in_at", "created_at"])
def test_the_roles_of_fundraisers_and_coaches_write_no_identity(
    database: URL, column: str
) -> None:
    right = text("select has_column_privilege(:role, 'app_user', :column, 'update')")
    with transaction_for_system() as db:
        for role in (PERSON, COACH):
            assert not db.scalar(right, {"role": role, "column": column})
            assert db.scalar(right, {"role": role, "column": "name"})


def test_every_column_of_an_account_is_sorted() -> None:
    """A new column is its person's to change, or an administrator's; say which."""
    sorted_ones = account_grants.SELF | account_grants.INVITING | account_grants.ADMINISTRATORS
    assert sorted_ones == set(Base.metadata.tables["app_user"].columns.keys())
    assert not account_grants.SELF & account_grants.ADMINISTRATORS
