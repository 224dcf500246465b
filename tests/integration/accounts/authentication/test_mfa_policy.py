"""Two-factor authentication required by role: grace days and blocked sessions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import accounts, donors, exports, gifts
from app.accounts import SYSTEM, Actor, MfaRequiredError
from app.db.models import Activity, User
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings
from tests import factories as make
from tests.authenticator import Authenticator
from tests.integration.accounts.authentication.test_passkeys import HOST, ORIGIN, add
from tests.integration.accounts.authentication.test_passkeys import sign_in as sign_in_with_passkey
from tests.integration.accounts.tokens.test_jwt_tokens import GOOD
from tests.values import present

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", ORIGIN)
    settings.cache_clear()


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    ada = make.person(db, "admin", name="Ada")
    set_created_at(db, ada.user_id, NOW - 100 * DAY)
    return ada


@pytest.fixture
def ruth(db: Session, ada: Actor) -> Actor:
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    set_created_at(db, user_id, NOW - 100 * DAY)
    return accounts.actor_by_id(db, user_id)


def set_created_at(db: Session, user_id: int, moment: datetime) -> None:
    """Set when an account was created."""
    db.execute(
        text("update app_user set created_at = :at where id = :id"), {"at": moment, "id": user_id}
    )


def required(db: Session, ada: Actor, *roles: str, days: int = 0, now: datetime = NOW) -> None:
    accounts.save_mfa_policy(db, ada, roles=roles, grace_days=days, now=now)


def open_actor(
    db: Session,
    user: Actor | accounts.CodeRequired | None,
    *,
    now: datetime = NOW,
    two_factor: bool = False,
) -> Actor:
    """Return the user in a new session."""
    assert user is not None
    session_id, _ = accounts.open_session(db, user_id=user.user_id, now=now, two_factor=two_factor)
    # critical actions require the password again: test_step_up.py
    db.execute(text("update session set confirmed_at = :now"), {"now": now})
    return reload_actor(db, session_id, now=now)


def reload_actor(db: Session, session_id: str | None, *, now: datetime = NOW) -> Actor:
    return present(accounts.session_actor(db, session_id=present(session_id), now=now))


def with_codes(db: Session, actor: Actor, now: datetime = NOW) -> pyotp.TOTP:
    phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, actor, now=now).secret)
    accounts.confirm_mfa_enrolment(db, actor, code=phone.at(now), now=now)
    return phone


def test_no_role_requires_mfa_by_default(db: Session, ada: Actor, ruth: Actor) -> None:
    assert accounts.current_mfa_policy(db).since == {}
    for user in (ada, ruth):
        actor = open_actor(db, user)
        assert (actor.must_set_up, actor.set_up_by) == (False, None)


def test_grace_days_begin_when_the_role_requires_mfa(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "fundraiser", days=7)
    session_id = open_actor(db, ruth).session_id
    for days, must in ((0, False), (6.9, False), (7, True), (9, True)):
        actor = reload_actor(db, session_id, now=NOW + days * DAY)
        assert (actor.must_set_up, actor.set_up_by) == (must, NOW + 7 * DAY)
    assert not open_actor(db, ada, now=NOW + 30 * DAY).must_set_up


def test_grace_days_begin_when_the_account_is_created_later(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    required(db, ada, "fundraiser", days=3)
    set_created_at(db, ruth.user_id, NOW + 30 * DAY)
    assert not open_actor(db, ruth, now=NOW + 32 * DAY).must_set_up
    assert open_actor(db, ruth, now=NOW + 33 * DAY).must_set_up


def test_a_role_added_later_has_its_own_grace_days(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "finance", days=5)
    required(db, ada, "finance", "fundraiser", days=5, now=NOW + 20 * DAY)
    since = accounts.current_mfa_policy(db).since
    assert since == {"finance": NOW, "fundraiser": NOW + 20 * DAY}
    assert not open_actor(db, ruth, now=NOW + 24 * DAY).must_set_up
    # off and on again starts a new period
    required(db, ada, now=NOW + 40 * DAY)
    assert not open_actor(db, ruth, now=NOW + 40 * DAY).must_set_up
    required(db, ada, "fundraiser", days=5, now=NOW + 50 * DAY)
    assert not open_actor(db, ruth, now=NOW + 54 * DAY).must_set_up


def test_setting_up_codes_unblocks_only_that_session(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "fundraiser")
    session_actor, other_actor = open_actor(db, ruth), open_actor(db, ruth)
    assert session_actor.must_set_up
    phone = with_codes(db, session_actor)
    assert not reload_actor(db, session_actor.session_id).must_set_up
    assert reload_actor(db, other_actor.session_id).must_set_up
    # a session opened with the password alone adds no factor
    for work in (
        lambda: accounts.begin_passkey(db, reload_actor(db, other_actor.session_id), now=NOW),
        lambda: accounts.begin_mfa_enrolment(
            db, reload_actor(db, other_actor.session_id), now=NOW
        ),
    ):
        with pytest.raises(MfaRequiredError, match="Sign in with it first"):
            work()
    later = NOW + timedelta(minutes=1)
    signed_in = accounts.sign_in(
        db, email=ruth.email, password=GOOD, code=phone.at(later), now=later
    )
    assert not open_actor(db, signed_in, two_factor=True).must_set_up


def test_a_passkey_counts_as_both_factors(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "fundraiser")
    session_actor = open_actor(db, ruth)
    authenticator = Authenticator(ORIGIN, HOST)
    add(db, session_actor, authenticator)
    assert not reload_actor(db, session_actor.session_id).must_set_up
    assert sign_in_with_passkey(db, authenticator) == ruth
    # with the password alone the passkey is still required
    with_password = accounts.sign_in(db, email=ruth.email, password=GOOD, now=NOW)
    assert isinstance(with_password, Actor)
    assert open_actor(db, with_password).must_set_up


def test_no_code_is_required_after_a_passkey(db: Session, ada: Actor, ruth: Actor) -> None:
    with_codes(db, ruth)
    authenticator = Authenticator(ORIGIN, HOST)
    add(db, replace(ruth, session_id=open_actor(db, ruth).session_id), authenticator)
    assert sign_in_with_passkey(db, authenticator) == ruth


def test_a_blocked_session_sees_and_does_nothing(db: Session, ada: Actor, ruth: Actor) -> None:
    donor = make.donor(db, ruth, "Ivy")
    make.gift(db, donor, "10")
    required(db, ada, "fundraiser", "finance", "supervisor", "admin", "coach", "read_only")
    for role in ("fundraiser", "finance", "supervisor", "admin", "coach", "read_only"):
        user = ruth if role == "fundraiser" else make.person(db, role)
        set_created_at(db, user.user_id, NOW - DAY)
        actor = open_actor(db, user)
        assert actor.must_set_up
        page = donors.page(db, actor, filter=donors.DonorFilter(), today=NOW.date())
        assert page.total == 0
        assert gifts.page(db, actor, filter=gifts.GiftFilter()).gifts == 0
        assert accounts.impersonation_choices(db, actor) == {}
        with pytest.raises(NotFoundError):
            donors.get(db, actor, donor, today=NOW.date())
        with pytest.raises((NotAllowedError, NotFoundError)):
            donors.log_contact(db, actor, donor_id=donor, kind="call", text=None, at=NOW)
        with pytest.raises(MfaRequiredError):
            accounts.require_set_up(actor)
        for reserved in (accounts.list_users, accounts.owned_records, accounts.factors_by_user):
            with pytest.raises(NotAllowedError):
                reserved(db, actor)
        assert set(exports.exportable(actor)) <= set(exports.exportable(user))


def test_a_blocked_session_does_not_continue_an_impersonation(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    session_id = open_actor(db, ada).session_id
    accounts.impersonate(db, ada, session_id=present(session_id), user_id=ruth.user_id)
    assert reload_actor(db, session_id).user_id == ruth.user_id
    required(db, ada, "admin")
    actor = reload_actor(db, session_id)
    assert (actor.user_id, actor.looking, actor.must_set_up) == (ada.user_id, False, True)
    # the impersonated user does not matter
    required(db, ada, "fundraiser")
    assert not reload_actor(db, session_id).must_set_up


def tokens(db: Session, actor: Actor) -> tuple[str, str]:
    """Return a personal token and an access token of a user."""
    scopes = frozenset(accounts.Scope)
    return (
        accounts.create_api_token(db, actor, name="Sheet", scopes=scopes, now=NOW),
        accounts.issue_tokens(db, user_id=actor.user_id, now=NOW).access,
    )


def test_api_tokens_are_refused_until_there_is_a_factor(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    personal, access = tokens(db, ruth)
    required(db, ada, "fundraiser", days=1)
    late = NOW + timedelta(minutes=10)

    def known() -> tuple[Actor | None, Actor | None]:
        program = accounts.api_token_actor(db, token=personal, now=late)
        return present(program).actor, accounts.token_actor(db, access=access, now=late)

    assert known() == (ruth, ruth)
    required(db, ada, "fundraiser", days=0)
    with pytest.raises(MfaRequiredError, match="tokens work again"):
        accounts.api_token_actor(db, token=personal, now=late)
    with pytest.raises(MfaRequiredError, match="tokens work again"):
        accounts.token_actor(db, access=access, now=late)
    add(db, replace(open_actor(db, ruth)), Authenticator(ORIGIN, HOST))
    assert known() == (ruth, ruth)


def test_a_password_alone_issues_no_tokens(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "fundraiser")
    with pytest.raises(MfaRequiredError, match="Set up codes"):
        accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    # nor beside a passkey, which a program cannot use
    session_actor = open_actor(db, ruth)
    add(db, session_actor, Authenticator(ORIGIN, HOST))
    with pytest.raises(MfaRequiredError):
        accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    with_codes(db, reload_actor(db, session_actor.session_id))
    assert accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW).access


def test_the_last_factor_cannot_be_removed_while_one_is_required(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    session_actor = open_actor(db, ruth)
    first, second = (add(db, session_actor, Authenticator(ORIGIN, HOST)) for _ in range(2))
    with_codes(db, session_actor)
    required(db, ada, "fundraiser", days=14)
    accounts.remove_passkey(db, session_actor, passkey_id=first, now=NOW)
    accounts.disable_mfa(db, session_actor, now=NOW)
    with pytest.raises(ConflictError, match="last second factor"):
        accounts.remove_passkey(db, session_actor, passkey_id=second, now=NOW)
    with_codes(db, session_actor)
    accounts.remove_passkey(db, session_actor, passkey_id=second, now=NOW)
    with pytest.raises(ConflictError, match="last second factor"):
        accounts.disable_mfa(db, session_actor, now=NOW)
    required(db, ada)
    accounts.disable_mfa(db, session_actor, now=NOW)
    assert not accounts.own_factors(db, session_actor).exist


def test_a_session_is_blocked_again_when_no_factor_is_left(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    session_actor = open_actor(db, ruth)
    with_codes(db, session_actor)
    accounts.disable_mfa(db, session_actor, now=NOW)
    required(db, ada, "fundraiser")
    assert reload_actor(db, session_actor.session_id).must_set_up


def test_an_administrator_resets_both_kinds(db: Session, ada: Actor, ruth: Actor) -> None:
    required(db, ada, "fundraiser")
    session_actor, authenticator = open_actor(db, ruth), Authenticator(ORIGIN, HOST)
    add(db, session_actor, authenticator)
    with_codes(db, reload_actor(db, session_actor.session_id))
    (own_factors,) = [
        authenticator
        for person, authenticator in accounts.factors_by_user(db, ada).items()
        if authenticator.exist
    ]
    assert (own_factors.codes, own_factors.passkeys, own_factors.due) == (True, 1, NOW)
    accounts.reset_mfa(db, ada, user_id=ruth.user_id)
    assert reload_actor(db, session_actor.session_id).must_set_up
    assert sign_in_with_passkey(db, authenticator) is None
    with pytest.raises(NotFoundError, match="has no second factor"):
        accounts.reset_mfa(db, SYSTEM, user_id=ruth.user_id)
    sentence = db.scalars(
        select(Activity.sentence).where(Activity.action == "user.second_factor_off")
    ).all()
    assert sentence == ["Turned the second factor of Ruth off. Removed 1 passkey."]


def test_the_policy_is_audited_and_for_administrators_only(
    db: Session, ada: Actor, ruth: Actor
) -> None:
    for role in ("fundraiser", "supervisor", "coach", "finance", "read_only"):
        with pytest.raises(NotAllowedError):
            required(db, make.person(db, role), "admin")
    for roles, days in ((["system"], 1), (["owner"], 1), (["admin"], 15), (["admin"], -1)):
        with pytest.raises(InvalidError):
            required(db, ada, *roles, days=days)
    required(db, ada, "read_only", "admin", days=1)
    required(db, ada, "admin", "read_only", days=1)
    required(db, ada)
    lines = db.scalars(
        select(Activity)
        .where(Activity.action == "organisation.mfa_policy_changed")
        .order_by(Activity.id)
    ).all()
    assert [line.sentence for line in lines] == [
        (
            "Two-factor authentication is required for: admin, read only; people have 1 day to"
            " set it up."
        ),
        "Two-factor authentication is required for no role.",
    ]
    assert lines[1].before == {"roles": ["admin", "read_only"], "grace_days": 1}
    assert lines[1].after == {"roles": [], "grace_days": 0}


def test_an_organisation_without_a_row_gets_one(db: Session) -> None:
    ada = make.person(db, "admin")
    required(db, ada, "admin", days=2)
    assert accounts.current_mfa_policy(db).grace_days == 2
    assert accounts.organisation(db).name == "My organisation"


def test_other_settings_do_not_change_the_policy(db: Session, ada: Actor) -> None:
    required(db, ada, "admin", days=2)
    accounts.save_organisation(
        db, ada, name="New", currency="USD", time_zone="UTC", fiscal_start_month=1
    )
    assert list(accounts.current_mfa_policy(db).since) == ["admin"]
    assert db.scalar(select(User.id).where(User.id == ada.user_id))
