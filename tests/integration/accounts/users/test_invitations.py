"""Invitations: who may invite whom, a link that works once, expiry and withdrawal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import Role
from app.db import transaction_for_system
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.values import present

GOOD = "violet ladder seven oceans"
OTHER = "amber kettle nine mountains"
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def invite(
    db: Session,
    actor: accounts.Actor,
    now: datetime,
    email: str = "sam@example.org",
    role: str = "fundraiser",
) -> accounts.Invitation:
    return accounts.invite(db, actor, email=email, name="Sam", role=role, now=now)


def signed_in_user(
    db: Session, email: str = "sam@example.org", password: str = GOOD, *, now: datetime
) -> accounts.Actor | None:
    user = accounts.sign_in(db, email=email, password=password, now=now)
    assert not isinstance(user, accounts.CodeRequired)
    return user


def test_an_invited_user_sets_a_password_and_signs_in(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now, email="Sam@Example.org")
    assert (invitation.email, invitation.inviter) == ("Sam@example.org", "Ada")
    assert [
        (pending.email, pending.role, pending.until)
        for pending in accounts.pending_invitation(db, ada)
    ] == [("Sam@example.org", "fundraiser", now + WEEK)]
    assert signed_in_user(db, now=now) is None
    user_id = accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=now)
    assert present(signed_in_user(db, now=now)).user_id == user_id == invitation.user_id
    assert accounts.pending_invitation(db, ada) == []


def test_the_link_works_once_within_a_week_until_a_newer_one_is_made(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    first = invite(db, ada, now)
    second = accounts.invite_again(db, ada, user_id=first.user_id, now=now + MINUTE)
    for code, moment in (
        (first.code, now + MINUTE),
        (second.code, now + MINUTE + WEEK),
        ("nonsense", now),
    ):
        with pytest.raises(InvalidError, match="used or taken back, or is older than a week"):
            accounts.accept_invitation(db, code=code, new=GOOD, now=moment)
    accounts.accept_invitation(db, code=second.code, new=GOOD, now=now + WEEK)
    with pytest.raises(InvalidError):
        accounts.accept_invitation(db, code=second.code, new=OTHER, now=now + WEEK)
    assert signed_in_user(db, password=OTHER, now=now) is None


def test_an_expired_invitation_allows_no_sign_in(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now)
    (pending,) = accounts.pending_invitation(db, ada)
    for moment, expired in ((now, False), (now + WEEK - MINUTE, False), (now + WEEK, True)):
        assert pending.expired(moment) is expired
        reset = accounts.request_password_reset(db, email=invitation.email, now=moment)
        assert (reset is None) is expired
    late = now + WEEK
    with pytest.raises(InvalidError, match="older than a week"):
        accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=late)
    assert (
        accounts.sign_in_with_provider(db, email=invitation.email, verified=True, now=late) is None
    )
    assert not accounts.send_reset_link(db, email=invitation.email, now=late)
    # the link is deleted some time after it has expired
    accounts.purge_sessions(db, now=late + MINUTE)
    (pending,) = accounts.pending_invitation(db, ada)
    assert pending.expired(late + MINUTE)
    assert accounts.request_password_reset(db, email=invitation.email, now=late + MINUTE) is None


def test_an_invitation_can_be_renewed_after_it_expired(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now)
    late = now + WEEK + MINUTE
    second = accounts.invite_again(db, ada, user_id=invitation.user_id, now=late)
    assert second.user_id == invitation.user_id
    (pending,) = accounts.pending_invitation(db, ada)
    assert not pending.expired(late)
    accounts.accept_invitation(db, code=second.code, new=GOOD, now=late)
    assert present(signed_in_user(db, now=late)).user_id == invitation.user_id


def test_a_provider_sign_in_works_while_the_link_is_valid(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now)
    came = accounts.sign_in_with_provider(db, email=invitation.email, verified=True, now=now)
    assert isinstance(came, accounts.Actor)
    assert came.user_id == invitation.user_id
    # after the first sign-in the age of the invitation does not matter
    later = now + 2 * WEEK
    assert accounts.sign_in_with_provider(db, email=invitation.email, verified=True, now=later)
    assert accounts.request_password_reset(db, email=invitation.email, now=later)


def test_one_mail_a_minute(db: Session, ada: accounts.Actor, now: datetime) -> None:
    invitation = invite(db, ada, now)
    with pytest.raises(ConflictError, match="Wait a minute"):
        accounts.invite_again(db, ada, user_id=invitation.user_id, now=now + MINUTE / 2)


def test_an_easy_password_is_refused_and_the_link_still_works(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now)
    with pytest.raises(InvalidError, match="guess"), db.begin_nested():
        accounts.accept_invitation(db, code=invitation.code, new="123456789012", now=now)
    accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=now)


def test_a_withdrawn_invitation_can_be_repeated(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    invitation = invite(db, ada, now)
    accounts.withdraw_invitation(db, ada, user_id=invitation.user_id, now=now)
    assert accounts.pending_invitation(db, ada) == []
    with pytest.raises(InvalidError):
        accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=now)
    second = invite(db, ada, now, role="finance")
    assert second.user_id == invitation.user_id
    accounts.accept_invitation(db, code=second.code, new=GOOD, now=now)
    assert present(signed_in_user(db, now=now)).role == Role.FINANCE


def test_known_addresses_and_pending_invitations_are_reported(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    make.person(db, email="ruth@example.org")
    with pytest.raises(ConflictError, match="already has the e-mail"):
        invite(db, ada, now, email="RUTH@example.org")
    invite(db, ada, now)
    with pytest.raises(ConflictError, match="invited already"):
        invite(db, ada, now)


def test_a_deactivated_user_cannot_be_invited(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    ruth = make.person(db, email="ruth@example.org", password_hash="x")
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    with pytest.raises(ConflictError):
        invite(db, ada, now, email="ruth@example.org")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ADMIN, Role.SUPERVISOR}))
def test_other_roles_may_not_invite(
    db: Session, ada: accounts.Actor, now: datetime, role: Role
) -> None:
    actor = make.person(db, role)
    for work in (
        lambda: invite(db, actor, now),
        lambda: accounts.pending_invitation(db, actor),
        lambda: accounts.invite_again(db, actor, user_id=1, now=now),
        lambda: accounts.withdraw_invitation(db, actor, user_id=1, now=now),
    ):
        with pytest.raises(NotAllowedError):
            work()


def test_a_supervisor_invites_fundraisers_into_their_team(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    lead, other = make.person(db, "supervisor"), make.person(db, "supervisor")
    for role in set(Role) - {Role.SYSTEM, Role.FUNDRAISER}:
        with pytest.raises(NotAllowedError):
            invite(db, lead, now, role=role)
    invitation = invite(db, lead, now)
    assert accounts.teams(db, lead) == {lead.user_id: [invitation.user_id]}
    assert [pending.user_id for pending in accounts.pending_invitation(db, lead)] == [
        invitation.user_id
    ]
    assert accounts.pending_invitation(db, other) == []
    for work in (accounts.withdraw_invitation, accounts.invite_again):
        with pytest.raises(NotFoundError):
            work(db, other, user_id=invitation.user_id, now=now)
    assert [pending.user_id for pending in accounts.pending_invitation(db, ada)] == [
        invitation.user_id
    ]


@pytest.mark.parametrize(
    ("email", "role"), [("sam", "fundraiser"), ("s@x.org", "system"), ("s@x.org", "king")]
)
def test_invalid_values_are_refused(
    db: Session, ada: accounts.Actor, now: datetime, email: str, role: str
) -> None:
    with pytest.raises(InvalidError):
        invite(db, ada, now, email=email, role=role)


def test_users_without_an_invitation_are_not_pending(db: Session, ada: accounts.Actor) -> None:
    accounts.create_user(
        db, ada, email="sam@example.org", name="Sam", role="finance", password=None
    )
    assert accounts.pending_invitation(db, ada) == []


def test_of_twenty_concurrent_uses_of_a_link_one_succeeds(database: URL, now: datetime) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        invitation = invite(db, make.person(db, "admin"), now)

    def race(number: int) -> bool:
        try:
            with transaction_for_system() as db:
                accounts.accept_invitation(
                    db, code=invitation.code, new=f"{GOOD} {number}", now=now
                )
        except InvalidError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(race, range(20))) == 1
