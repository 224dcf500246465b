"""Two-factor authentication required by role: the days of grace, what is left, who is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, text

from app import accounts, donors, exports, gifts
from app.accounts import SYSTEM, Actor, MfaRequiredError
from app.db.models import Activity, User
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings
from tests import factories as make
from tests.authenticator import Authenticator
from tests.integration.accounts.test_jwt_tokens import GOOD
from tests.integration.accounts.test_passkeys import HOST, ORIGIN, add, come_in

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _address(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", ORIGIN)
    settings.cache_clear()


@pytest.fixture
def ada(db):
    make.organisation(db)
    ada = make.person(db, "admin", name="Ada")
    came(db, ada.user_id, NOW - 100 * DAY)
    return ada


@pytest.fixture
def ruth(db, ada):
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=GOOD
    )
    came(db, user_id, NOW - 100 * DAY)
    return accounts.actor_by_id(db, user_id)


def came(db, user_id: int, at: datetime) -> None:
    """Say when an account was made."""
    db.execute(
        text("update app_user set created_at = :at where id = :id"), {"at": at, "id": user_id}
    )


def required(db, ada, *roles, days=0, now=NOW):
    accounts.save_mfa_policy(db, ada, roles=roles, grace_days=days, now=now)


def seen(db, who, *, now=NOW, two_factor=False) -> Actor:
    """The person in a fresh session."""
    session_id, _ = accounts.open_session(db, user_id=who.user_id, now=now, two_factor=two_factor)
    # what is far-reaching asks for the password again: tests/integration/accounts/test_step_up.py
    db.execute(text("update session set confirmed_at = :now"), {"now": now})
    return again(db, session_id, now=now)


def again(db, session_id, *, now=NOW) -> Actor:
    return accounts.session_actor(db, session_id=session_id, now=now)


def with_codes(db, who, now=NOW) -> pyotp.TOTP:
    phone = pyotp.TOTP(accounts.begin_mfa_enrolment(db, who, now=now).secret)
    accounts.confirm_mfa_enrolment(db, who, code=phone.at(now), now=now)
    return phone


def test_no_role_needs_one_at_first(db, ada, ruth):
    assert accounts.current_mfa_policy(db).since == {}
    for who in (ada, ruth):
        actor = seen(db, who)
        assert (actor.must_set_up, actor.set_up_by) == (False, None)


def test_the_days_of_grace_count_from_when_it_is_required(db, ada, ruth):
    required(db, ada, "fundraiser", days=7)
    session_id = seen(db, ruth).session_id
    for days, must in ((0, False), (6.9, False), (7, True), (9, True)):
        actor = again(db, session_id, now=NOW + days * DAY)
        assert (actor.must_set_up, actor.set_up_by) == (must, NOW + 7 * DAY)
    assert not seen(db, ada, now=NOW + 30 * DAY).must_set_up


def test_or_from_when_the_account_is_made_later(db, ada, ruth):
    required(db, ada, "fundraiser", days=3)
    came(db, ruth.user_id, NOW + 30 * DAY)
    assert not seen(db, ruth, now=NOW + 32 * DAY).must_set_up
    assert seen(db, ruth, now=NOW + 33 * DAY).must_set_up


def test_a_role_added_later_has_its_own_days(db, ada, ruth):
    required(db, ada, "finance", days=5)
    required(db, ada, "finance", "fundraiser", days=5, now=NOW + 20 * DAY)
    since = accounts.current_mfa_policy(db).since
    assert since == {"finance": NOW, "fundraiser": NOW + 20 * DAY}
    assert not seen(db, ruth, now=NOW + 24 * DAY).must_set_up
    # off and on again is a new beginning
    required(db, ada, now=NOW + 40 * DAY)
    assert not seen(db, ruth, now=NOW + 40 * DAY).must_set_up
    required(db, ada, "fundraiser", days=5, now=NOW + 50 * DAY)
    assert not seen(db, ruth, now=NOW + 54 * DAY).must_set_up


def test_setting_codes_up_frees_the_session_and_no_other(db, ada, ruth):
    required(db, ada, "fundraiser")
    here, there = seen(db, ruth), seen(db, ruth)
    assert here.must_set_up
    phone = with_codes(db, here)
    assert not again(db, here.session_id).must_set_up
    assert again(db, there.session_id).must_set_up
    # the password alone, which the other session may be, adds no factor
    for work in (
        lambda: accounts.begin_passkey(db, again(db, there.session_id), now=NOW),
        lambda: accounts.begin_mfa_enrolment(db, again(db, there.session_id), now=NOW),
    ):
        with pytest.raises(MfaRequiredError, match="Sign in with it first"):
            work()
    later = NOW + timedelta(minutes=1)
    signed_in = accounts.sign_in(
        db, email=ruth.email, password=GOOD, code=phone.at(later), now=later
    )
    assert not seen(db, signed_in, two_factor=True).must_set_up


def test_a_passkey_counts_as_both_factors(db, ada, ruth):
    required(db, ada, "fundraiser")
    here = seen(db, ruth)
    one = Authenticator(ORIGIN, HOST)
    add(db, here, one)
    assert not again(db, here.session_id).must_set_up
    assert come_in(db, one) == ruth
    # with the password alone the passkey is still asked for
    with_password = accounts.sign_in(db, email=ruth.email, password=GOOD, now=NOW)
    assert isinstance(with_password, Actor)
    assert seen(db, with_password).must_set_up


def test_codes_are_not_asked_for_after_a_passkey(db, ada, ruth):
    with_codes(db, ruth)
    one = Authenticator(ORIGIN, HOST)
    add(db, replace(ruth, session_id=seen(db, ruth).session_id), one)
    assert come_in(db, one) == ruth


def test_such_a_session_sees_and_does_nothing(db, ada, ruth):
    donor = make.donor(db, ruth, "Ivy")
    make.gift(db, donor, "10")
    required(db, ada, "fundraiser", "finance", "supervisor", "admin", "coach", "read_only")
    for role in ("fundraiser", "finance", "supervisor", "admin", "coach", "read_only"):
        who = ruth if role == "fundraiser" else make.person(db, role)
        came(db, who.user_id, NOW - DAY)
        actor = seen(db, who)
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
        assert set(exports.exportable(actor)) <= set(exports.exportable(who))


def test_a_view_as_is_not_gone_on_with(db, ada, ruth):
    session_id = seen(db, ada).session_id
    accounts.impersonate(db, ada, session_id=session_id, user_id=ruth.user_id)
    assert again(db, session_id).user_id == ruth.user_id
    required(db, ada, "admin")
    actor = again(db, session_id)
    assert (actor.user_id, actor.looking, actor.must_set_up) == (ada.user_id, False, True)
    # whose eyes are borrowed does not matter
    required(db, ada, "fundraiser")
    assert not again(db, session_id).must_set_up


def tokens(db, who) -> tuple[str, str]:
    """A personal token and an access token of somebody."""
    scopes = frozenset(accounts.Scope)
    return (
        accounts.create_api_token(db, who, name="Sheet", scopes=scopes, now=NOW),
        accounts.issue_tokens(db, user_id=who.user_id, now=NOW).access,
    )


def test_api_tokens_rest_until_there_is_a_factor(db, ada, ruth):
    personal, access = tokens(db, ruth)
    required(db, ada, "fundraiser", days=1)
    late = NOW + timedelta(minutes=10)

    def known():
        program = accounts.api_token_actor(db, token=personal, now=late)
        return program.actor, accounts.token_actor(db, access=access, now=late)

    assert known() == (ruth, ruth)
    required(db, ada, "fundraiser", days=0)
    with pytest.raises(MfaRequiredError, match="tokens work again"):
        accounts.api_token_actor(db, token=personal, now=late)
    with pytest.raises(MfaRequiredError, match="tokens work again"):
        accounts.token_actor(db, access=access, now=late)
    add(db, replace(seen(db, ruth)), Authenticator(ORIGIN, HOST))
    assert known() == (ruth, ruth)


def test_a_password_alone_opens_no_tokens(db, ada, ruth):
    required(db, ada, "fundraiser")
    with pytest.raises(MfaRequiredError, match="Set up codes"):
        accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    # nor beside a passkey, which a program cannot use
    here = seen(db, ruth)
    add(db, here, Authenticator(ORIGIN, HOST))
    with pytest.raises(MfaRequiredError):
        accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    with_codes(db, again(db, here.session_id))
    assert accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW).access


def test_the_last_factor_stays_while_one_is_required(db, ada, ruth):
    here = seen(db, ruth)
    first, second = (add(db, here, Authenticator(ORIGIN, HOST)) for _ in range(2))
    with_codes(db, here)
    required(db, ada, "fundraiser", days=14)
    accounts.remove_passkey(db, here, passkey_id=first, now=NOW)
    accounts.disable_mfa(db, here, now=NOW)
    with pytest.raises(ConflictError, match="last second factor"):
        accounts.remove_passkey(db, here, passkey_id=second, now=NOW)
    with_codes(db, here)
    accounts.remove_passkey(db, here, passkey_id=second, now=NOW)
    with pytest.raises(ConflictError, match="last second factor"):
        accounts.disable_mfa(db, here, now=NOW)
    required(db, ada)
    accounts.disable_mfa(db, here, now=NOW)
    assert not accounts.own_factors(db, here).exist


def test_a_session_is_trusted_no_longer_than_there_is_a_factor(db, ada, ruth):
    here = seen(db, ruth)
    with_codes(db, here)
    accounts.disable_mfa(db, here, now=NOW)
    required(db, ada, "fundraiser")
    assert again(db, here.session_id).must_set_up


def test_an_administrator_resets_both_kinds(db, ada, ruth):
    required(db, ada, "fundraiser")
    here, one = seen(db, ruth), Authenticator(ORIGIN, HOST)
    add(db, here, one)
    with_codes(db, again(db, here.session_id))
    (mine,) = [one for person, one in accounts.factors_by_user(db, ada).items() if one.exist]
    assert (mine.codes, mine.passkeys, mine.due) == (True, 1, NOW)
    accounts.reset_mfa(db, ada, user_id=ruth.user_id)
    assert again(db, here.session_id).must_set_up
    assert come_in(db, one) is None
    with pytest.raises(NotFoundError, match="has no second factor"):
        accounts.reset_mfa(db, SYSTEM, user_id=ruth.user_id)
    said = db.scalars(
        select(Activity.sentence).where(Activity.action == "user.second_factor_off")
    ).all()
    assert said == ["Turned the second factor of Ruth off. Removed 1 passkey."]


def test_the_rule_is_audited_and_for_administrators(db, ada, ruth):
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
    assert [one.sentence for one in lines] == [
        (
            "Two-factor authentication is required for: admin, read only; people have 1 day to"
            " set it up."
        ),
        "Two-factor authentication is required for no role.",
    ]
    assert lines[1].before == {"roles": ["admin", "read_only"], "grace_days": 1}
    assert lines[1].after == {"roles": [], "grace_days": 0}


def test_an_organisation_without_a_row_gets_one(db):
    ada = make.person(db, "admin")
    required(db, ada, "admin", days=2)
    assert accounts.current_mfa_policy(db).grace_days == 2
    assert accounts.organisation(db).name == "My organisation"


def test_other_settings_leave_the_rule_alone(db, ada):
    required(db, ada, "admin", days=2)
    accounts.save_organisation(
        db, ada, name="New", currency="USD", time_zone="UTC", fiscal_start_month=1
    )
    assert list(accounts.current_mfa_policy(db).since) == ["admin"]
    assert db.scalar(select(User.id).where(User.id == ada.user_id))
