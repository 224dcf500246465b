"""Letting people in: who may invite whom, a link that works once, and how it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app import accounts
from app.accounts import Role
from app.db import transaction
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make

GOOD = "violet ladder seven oceans"
OTHER = "amber kettle nine mountains"
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


@pytest.fixture
def ada(db):
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


def invite(db, who, now, email="sam@example.org", role="fundraiser"):
    return accounts.invite(db, who, email=email, name="Sam", role=role, now=now)


def sees(db, email="sam@example.org", password=GOOD, *, now):
    return accounts.sign_in(db, email=email, password=password, now=now)


def test_somebody_invited_chooses_a_password_and_comes_in(db, ada, now):
    made = invite(db, ada, now, email="Sam@Example.org")
    assert (made.email, made.inviter) == ("Sam@example.org", "Ada")
    assert [(one.email, one.role, one.until) for one in accounts.pending_invitation(db, ada)] == [
        ("Sam@example.org", "fundraiser", now + WEEK)
    ]
    assert sees(db, now=now) is None
    user_id = accounts.accept_invitation(db, code=made.code, new=GOOD, now=now)
    assert sees(db, now=now).user_id == user_id == made.user_id
    assert accounts.pending_invitation(db, ada) == []


def test_the_link_works_once_within_a_week_and_dies_with_a_newer_one(db, ada, now):
    first = invite(db, ada, now)
    second = accounts.invite_again(db, ada, user_id=first.user_id, now=now + MINUTE)
    for code, at in (
        (first.code, now + MINUTE),
        (second.code, now + MINUTE + WEEK),
        ("nonsense", now),
    ):
        with pytest.raises(InvalidError, match="used or taken back, or is older than a week"):
            accounts.accept_invitation(db, code=code, new=GOOD, now=at)
    accounts.accept_invitation(db, code=second.code, new=GOOD, now=now + WEEK)
    with pytest.raises(InvalidError):
        accounts.accept_invitation(db, code=second.code, new=OTHER, now=now + WEEK)
    assert sees(db, password=OTHER, now=now) is None


def test_an_expired_invitation_lets_in_in_no_way(db, ada, now):
    made = invite(db, ada, now)
    (one,) = accounts.pending_invitation(db, ada)
    for at, ended in ((now, False), (now + WEEK - MINUTE, False), (now + WEEK, True)):
        assert one.expired(at) is ended
        reset = accounts.request_password_reset(db, email=made.email, now=at)
        assert (reset is None) is ended
    late = now + WEEK
    with pytest.raises(InvalidError, match="older than a week"):
        accounts.accept_invitation(db, code=made.code, new=GOOD, now=late)
    assert accounts.sign_in_with_provider(db, email=made.email, verified=True, now=late) is None
    assert not accounts.send_reset_link(db, email=made.email, now=late)
    # the link is forgotten a while after it has ended
    accounts.purge_sessions(db, now=late + MINUTE)
    (one,) = accounts.pending_invitation(db, ada)
    assert one.expired(late + MINUTE)
    assert accounts.request_password_reset(db, email=made.email, now=late + MINUTE) is None


def test_who_is_invited_again_after_it_expired_comes_in(db, ada, now):
    made = invite(db, ada, now)
    late = now + WEEK + MINUTE
    again = accounts.invite_again(db, ada, user_id=made.user_id, now=late)
    assert again.user_id == made.user_id
    (one,) = accounts.pending_invitation(db, ada)
    assert not one.expired(late)
    accounts.accept_invitation(db, code=again.code, new=GOOD, now=late)
    assert sees(db, now=late).user_id == made.user_id


def test_a_provider_vouches_for_somebody_invited_while_the_link_works(db, ada, now):
    made = invite(db, ada, now)
    came = accounts.sign_in_with_provider(db, email=made.email, verified=True, now=now)
    assert came.user_id == made.user_id
    # who has come once comes again, however old the invitation
    later = now + 2 * WEEK
    assert accounts.sign_in_with_provider(db, email=made.email, verified=True, now=later)
    assert accounts.request_password_reset(db, email=made.email, now=later)


def test_one_mail_a_minute(db, ada, now):
    made = invite(db, ada, now)
    with pytest.raises(ConflictError, match="Wait a minute"):
        accounts.invite_again(db, ada, user_id=made.user_id, now=now + MINUTE / 2)


def test_an_easy_password_is_refused_and_the_link_still_works(db, ada, now):
    made = invite(db, ada, now)
    with pytest.raises(InvalidError, match="guess"), db.begin_nested():
        accounts.accept_invitation(db, code=made.code, new="123456789012", now=now)
    accounts.accept_invitation(db, code=made.code, new=GOOD, now=now)


def test_taken_back_it_ends_and_may_be_given_again(db, ada, now):
    made = invite(db, ada, now)
    accounts.withdraw_invitation(db, ada, user_id=made.user_id)
    assert accounts.pending_invitation(db, ada) == []
    with pytest.raises(InvalidError):
        accounts.accept_invitation(db, code=made.code, new=GOOD, now=now)
    again = invite(db, ada, now, role="finance")
    assert again.user_id == made.user_id
    accounts.accept_invitation(db, code=again.code, new=GOOD, now=now)
    assert sees(db, now=now).role == Role.FINANCE


def test_a_known_address_is_said_and_an_open_invitation_too(db, ada, now):
    make.person(db, email="ruth@example.org")
    with pytest.raises(ConflictError, match="already has the e-mail"):
        invite(db, ada, now, email="RUTH@example.org")
    invite(db, ada, now)
    with pytest.raises(ConflictError, match="invited already"):
        invite(db, ada, now)


def test_who_left_is_not_invited_as_somebody_new(db, ada, now):
    ruth = make.person(db, email="ruth@example.org", password_hash="x")
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    with pytest.raises(ConflictError):
        invite(db, ada, now, email="ruth@example.org")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ADMIN, Role.SUPERVISOR}))
def test_others_invite_nobody(db, ada, now, role):
    who = make.person(db, role)
    for work in (
        lambda: invite(db, who, now),
        lambda: accounts.pending_invitation(db, who),
        lambda: accounts.invite_again(db, who, user_id=1, now=now),
        lambda: accounts.withdraw_invitation(db, who, user_id=1),
    ):
        with pytest.raises(NotAllowedError):
            work()


def test_a_supervisor_invites_fundraisers_into_the_own_team(db, ada, now):
    lead, other = make.person(db, "supervisor"), make.person(db, "supervisor")
    for role in set(Role) - {Role.SYSTEM, Role.FUNDRAISER}:
        with pytest.raises(NotAllowedError):
            invite(db, lead, now, role=role)
    made = invite(db, lead, now)
    assert accounts.team(db, lead_id=lead.user_id) == [made.user_id]
    assert [one.user_id for one in accounts.pending_invitation(db, lead)] == [made.user_id]
    assert accounts.pending_invitation(db, other) == []
    for work in (accounts.withdraw_invitation, accounts.invite_again):
        with pytest.raises(NotFoundError):
            work(
                db,
                other,
                user_id=made.user_id,
                **({"now": now} if "again" in work.__name__ else {}),
            )
    assert [one.user_id for one in accounts.pending_invitation(db, ada)] == [made.user_id]


@pytest.mark.parametrize(
    ("email", "role"), [("sam", "fundraiser"), ("s@x.org", "system"), ("s@x.org", "king")]
)
def test_what_cannot_be_is_refused(db, ada, now, email, role):
    with pytest.raises(InvalidError):
        invite(db, ada, now, email=email, role=role)


def test_who_never_had_an_invitation_is_not_among_the_invited(db, ada):
    accounts.create_user(
        db, ada, email="sam@example.org", name="Sam", role="finance", password=None
    )
    assert accounts.pending_invitation(db, ada) == []


def test_twenty_racers_on_one_link(database, now):
    with transaction() as db:
        make.organisation(db)
        made = invite(db, make.person(db, "admin"), now)

    def race(number: int) -> bool:
        try:
            with transaction() as db:
                accounts.accept_invitation(db, code=made.code, new=f"{GOOD} {number}", now=now)
        except InvalidError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(race, range(20))) == 1
