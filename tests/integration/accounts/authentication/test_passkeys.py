"""Passkeys: adding, signing in, invalid responses, renaming and removing."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

import pytest
from sqlalchemy import URL, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import accounts
from app.db import transaction, transaction_for_system
from app.db.models import Activity, OneTimeCode, OutboxMessage, Passkey, User
from app.kit.errors import (
    ConfirmFirstError,
    ConflictError,
    DonorCrmError,
    InvalidError,
    NotFoundError,
)
from app.settings import settings
from tests import factories as make
from tests.authenticator import PRESENT, VERIFIED, Authenticator, Forgery
from tests.values import present

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORIGIN, HOST = "https://crm.example.org", "crm.example.org"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", f"{ORIGIN}/")
    settings.cache_clear()


def signed_in(db: Session, *, now: datetime = NOW, **values: str) -> accounts.Actor:
    """Return a user in a new session."""
    person = make.person(db, **values)
    session_id, _ = accounts.open_session(db, user_id=person.user_id, now=now)
    return replace(person, session_id=session_id)


@pytest.fixture
def ruth(db: Session) -> accounts.Actor:
    make.organisation(db)
    return signed_in(db, name="Ruth Adler", email="ruth@example.org")


def device(*, counts: bool = True) -> Authenticator:
    return Authenticator(ORIGIN, HOST, counts=counts)


def add(
    db: Session,
    user: accounts.Actor,
    authenticator: Authenticator,
    *,
    now: datetime = NOW,
    name: str = "Laptop",
    **wrong: Unpack[Forgery],
) -> int:
    options = accounts.begin_passkey(db, user, now=now)
    # what is sent to the browser is JSON
    response = authenticator.create(json.loads(json.dumps(options)), **wrong)
    return accounts.add_passkey(db, user, response=response, name=name, now=now)


def sign_in(
    db: Session,
    authenticator: Authenticator,
    *,
    now: datetime = NOW,
    options: dict[str, object] | None = None,
    caller: str = "",
    **wrong: Unpack[Forgery],
) -> accounts.Actor | None:
    options = options or accounts.begin_passkey_sign_in(db, now=now)
    response = authenticator.get(json.loads(json.dumps(options)), **wrong)
    return accounts.sign_in_with_passkey(db, response=response, now=now, caller=caller)


def audited(db: Session, verb: str) -> list[str]:
    statement = select(Activity.sentence).where(Activity.action == f"user.passkey_{verb}")
    return list(db.scalars(statement.order_by(Activity.id)))


def test_a_passkey_is_added_listed_and_signs_in(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device()
    passkey_id = add(db, ruth, authenticator, name="  Ruth's   laptop ")
    assert sign_in(db, authenticator, now=NOW + SECOND) == ruth
    (passkey,) = accounts.own_passkeys(db, ruth)
    assert (passkey.id, passkey.name, passkey.backed_up) == (passkey_id, "Ruth's laptop", True)
    assert (passkey.created_at, passkey.last_used_at) == (NOW, NOW + SECOND)
    row = db.get(Passkey, passkey_id)
    assert (present(row).sign_count, present(row).transports) == (1, ["hybrid", "internal"])
    assert (
        present(db.get(User, ruth.user_id, populate_existing=True)).last_sign_in_at == NOW + SECOND
    )
    assert audited(db, "added") == ["Added the passkey “Ruth's laptop”."]


def test_the_options_for_the_browser(db: Session, ruth: accounts.Actor) -> None:
    options = accounts.begin_passkey(db, ruth, now=NOW)
    assert options["rp"] == {"name": "DonorCRM", "id": HOST}
    assert options["user"]["name"] == "ruth@example.org"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["timeout"] == 120_000
    assert "excludeCredentials" in options
    add(db, ruth, device())
    assert len(accounts.begin_passkey(db, ruth, now=NOW)["excludeCredentials"]) == 1
    request_options = accounts.begin_passkey_sign_in(db, now=NOW)
    assert (request_options["rpId"], request_options["userVerification"]) == (HOST, "required")
    assert "allowCredentials" not in request_options
    # only the hash of a challenge is stored
    assert len(request_options["challenge"]) == 43
    assert request_options["challenge"] not in db.scalars(select(OneTimeCode.code_hash)).all()


WRONG: dict[str, Forgery] = {
    "another origin": {"origin": "https://crm.example.org.evil.example"},
    "a subdomain": {"origin": "https://x.crm.example.org"},
    "no https": {"origin": "http://crm.example.org"},
    "another port": {"origin": "https://crm.example.org:8443"},
    "another host's key": {"rp_id": "evil.example"},
    "no user verification": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "inside another page": {"cross_origin": True},
    "another ceremony": {"type": "payment.get"},
    "a challenge of their own": {"challenge": "A" * 43},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_response_adds_nothing(db: Session, ruth: accounts.Actor, wrong: Forgery) -> None:
    with pytest.raises(InvalidError, match="could not be verified"):
        add(db, ruth, device(), **wrong)
    assert accounts.own_passkeys(db, ruth) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *WRONG.values(),
        {"flip": True},
        {"handle": (987_654_321).to_bytes(8, "big")},
        {"handle": b""},
    ],
    ids=[*WRONG, "a flipped signature", "another's handle", "no handle"],
)
def test_a_wrong_response_does_not_sign_in(
    db: Session, ruth: accounts.Actor, wrong: Forgery
) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    assert sign_in(db, authenticator, **wrong) is None
    assert sign_in(db, authenticator) == ruth


def test_a_challenge_works_once_and_for_two_minutes(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    options = accounts.begin_passkey_sign_in(db, now=NOW)
    assert sign_in(db, authenticator, options=options) == ruth
    assert sign_in(db, authenticator, options=options) is None
    options = accounts.begin_passkey_sign_in(db, now=NOW)
    assert sign_in(db, authenticator, options=options, now=NOW + timedelta(minutes=2)) is None
    options = accounts.begin_passkey_sign_in(db, now=NOW)
    assert sign_in(db, authenticator, options=options, now=NOW + timedelta(seconds=119)) == ruth


def test_a_replayed_response_is_refused(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device(counts=False)
    add(db, ruth, authenticator)
    response = authenticator.get(accounts.begin_passkey_sign_in(db, now=NOW))
    assert accounts.sign_in_with_passkey(db, response=response, now=NOW) == ruth
    assert accounts.sign_in_with_passkey(db, response=response, now=NOW) is None
    stranger = device().get(accounts.begin_passkey_sign_in(db, now=NOW))
    assert accounts.sign_in_with_passkey(db, response=stranger, now=NOW) is None
    recorded = select(Activity.sentence).where(Activity.entity == "sign_in")
    assert list(db.scalars(recorded.order_by(Activity.id))) == [
        "Signed in with a passkey.",
        "Failed to sign in as ruth@example.org: the passkey was refused.",
        "Failed to sign in: the passkey is unknown.",
    ]


def test_a_challenge_for_adding_belongs_to_one_session(db: Session, ruth: accounts.Actor) -> None:
    options = accounts.begin_passkey(db, ruth, now=NOW)
    another, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    sam = signed_in(db, name="Sam")
    later = NOW + timedelta(minutes=3)
    for other, now in (
        (replace(ruth, session_id=another), NOW),
        (sam, NOW),
        (replace(sam, session_id=ruth.session_id), NOW),
        (ruth, later),
    ):
        with pytest.raises(InvalidError):
            accounts.add_passkey(db, other, response=device().create(options), name="x", now=now)
    # it does not sign in either
    assert sign_in(db, device(), options=options) is None
    accounts.add_passkey(db, ruth, response=device().create(options), name="x", now=NOW)
    with pytest.raises(InvalidError):
        accounts.add_passkey(db, ruth, response=device().create(options), name="x", now=NOW)


def test_a_challenge_for_signing_in_adds_nothing(db: Session, ruth: accounts.Actor) -> None:
    options = accounts.begin_passkey(db, ruth, now=NOW)
    options |= {"challenge": accounts.begin_passkey_sign_in(db, now=NOW)["challenge"]}
    with pytest.raises(InvalidError):
        accounts.add_passkey(db, ruth, response=device().create(options), name="x", now=NOW)


def test_a_code_for_something_else_is_no_challenge(db: Session, ruth: accounts.Actor) -> None:
    session_id, code = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    options = accounts.begin_passkey(db, ruth, now=NOW) | {"challenge": code}
    own = replace(ruth, session_id=session_id)
    with pytest.raises(InvalidError):
        accounts.add_passkey(db, own, response=device().create(options), name="x", now=NOW)


def test_a_credential_named_otherwise_than_the_signed_one_is_refused(
    db: Session, ruth: accounts.Actor
) -> None:
    response = device().create(accounts.begin_passkey(db, ruth, now=NOW))
    response |= {"id": "A" * 43, "rawId": "A" * 43}
    with pytest.raises(InvalidError):
        accounts.add_passkey(db, ruth, response=response, name="x", now=NOW)
    assert accounts.own_passkeys(db, ruth) == []


def test_a_counter_that_does_not_rise_is_refused_and_audited(
    db: Session, ruth: accounts.Actor
) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    assert sign_in(db, authenticator, count=5) == ruth
    assert sign_in(db, authenticator, count=5) is None
    assert sign_in(db, authenticator, count=4) is None
    assert sign_in(db, authenticator, count=0) is None
    (first, *rest) = audited(db, "refused")
    assert "“Laptop” of Ruth Adler: its signature counter did not rise" in first
    assert len(rest) == 2
    assert sign_in(db, authenticator, count=6) == ruth


def test_a_device_without_a_counter_signs_in(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device(counts=False)
    add(db, ruth, authenticator)
    assert sign_in(db, authenticator) == sign_in(db, authenticator) == ruth


def test_a_wrong_signature_does_not_move_the_counter(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    assert sign_in(db, authenticator, count=2**32 - 1, flip=True) is None
    assert sign_in(db, authenticator) == ruth


def test_another_users_credential_cannot_be_changed(db: Session, ruth: accounts.Actor) -> None:
    sam, authenticator = signed_in(db, name="Sam"), device()
    add(db, ruth, authenticator)
    with pytest.raises(ConflictError, match="registered already"):
        add(db, sam, authenticator)
    authenticator.handle = sam.user_id.to_bytes(8, "big")
    assert sign_in(db, authenticator) is None
    (passkey,) = accounts.own_passkeys(db, ruth)
    with pytest.raises(NotFoundError):
        accounts.remove_passkey(db, sam, passkey_id=passkey.id, now=NOW)
    with pytest.raises(NotFoundError):
        accounts.rename_passkey(db, sam, passkey_id=passkey.id, name="Mine")
    assert accounts.own_passkeys(db, sam) == []
    assert accounts.own_passkeys(db, ruth) == [passkey]


def test_a_deactivated_user_is_refused_and_deleting_the_account_deletes_passkeys(
    db: Session, ruth: accounts.Actor
) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    db.execute(update(User).where(User.id == ruth.user_id).values(active=False))
    assert sign_in(db, authenticator) is None
    # nor does it count as a use
    assert db.scalars(select(Passkey.last_used_at)).all() == [None]
    assert NOW not in db.scalars(select(User.last_sign_in_at)).all()
    db.execute(delete(User).where(User.id == ruth.user_id))
    assert db.scalars(select(Passkey)).all() == []
    assert sign_in(db, authenticator) is None


def test_wrong_tries_make_the_next_one_wait(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    for _ in range(6):
        assert sign_in(db, authenticator, flip=True) is None
    assert sign_in(db, authenticator) is None
    later = NOW + timedelta(minutes=20)
    assert sign_in(db, authenticator, now=later) == ruth
    # a password is not slowed down by it
    assert db.scalar(text("select count(*) from sign_in_try where key like 'new:%'")) == 1


MALFORMED: list[object] = [
    None,
    7,
    "x",
    [],
    {},
    {"id": "x"},
    {"rawId": "AAAA", "response": {}},
    {"id": "a", "rawId": "b", "type": "public-key", "response": {"clientDataJSON": "e30"}},
    {
        "rawId": "AA",
        "response": {
            "clientDataJSON": "bnVsbA",
            "authenticatorData": "AA",
            "signature": "AA",
            "attestationObject": "AA",
        },
    },
    {
        "rawId": "\ud800",
        "response": {
            "clientDataJSON": "\0",
            "authenticatorData": [],
            "signature": {},
            "attestationObject": 1,
        },
    },
]


@pytest.mark.parametrize("response", MALFORMED)
def test_an_invalid_response_is_refused(
    db: Session, ruth: accounts.Actor, response: object
) -> None:
    assert accounts.sign_in_with_passkey(db, response=response, now=NOW) is None
    with pytest.raises(InvalidError):
        accounts.add_passkey(db, ruth, response=response, name="x", now=NOW)


@pytest.mark.parametrize("key", [{1: 2, 3: -999, -1: 1}, {1: 2, 3: -7, -1: 1}, {}])
def test_an_unsupported_key_is_refused_or_never_signs_in(
    db: Session, ruth: accounts.Actor, key: dict[int, int]
) -> None:
    authenticator = device()
    try:
        add(db, ruth, authenticator, public_key=key)
    except InvalidError:
        assert accounts.own_passkeys(db, ruth) == []
    assert sign_in(db, authenticator) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\0b", "a\u202eb", "\ud800"])
def test_an_invalid_name_is_refused(db: Session, ruth: accounts.Actor, name: str) -> None:
    with pytest.raises(InvalidError):
        add(db, ruth, device(), name=name)
    passkey_id = add(db, ruth, device())
    with pytest.raises(InvalidError):
        accounts.rename_passkey(db, ruth, passkey_id=passkey_id, name=name)


def test_adding_and_removing_need_a_confirmation(db: Session, ruth: accounts.Actor) -> None:
    """Somebody at an unlocked computer would sign in with a passkey of their own."""
    later = NOW + timedelta(minutes=10)
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.begin_passkey(db, ruth, now=later)
    passkey_id = add(db, ruth, device())
    with pytest.raises(ConfirmFirstError), db.begin_nested():
        accounts.remove_passkey(db, ruth, passkey_id=passkey_id, now=later)
    assert [passkey.id for passkey in accounts.own_passkeys(db, ruth)] == [passkey_id]
    accounts.remove_passkey(db, ruth, passkey_id=passkey_id, now=later - SECOND)


def test_at_most_twenty_passkeys(db: Session, ruth: accounts.Actor) -> None:
    for _ in range(20):
        add(db, ruth, device())
    with pytest.raises(ConflictError, match="20 passkeys are enough"):
        add(db, ruth, device())


def test_renaming_and_removing_are_audited_and_mailed(db: Session, ruth: accounts.Actor) -> None:
    authenticator = device()
    passkey_id = add(db, ruth, authenticator)
    accounts.rename_passkey(db, ruth, passkey_id=passkey_id, name="Phone")
    accounts.remove_passkey(db, ruth, passkey_id=passkey_id, now=NOW)
    with pytest.raises(NotFoundError):
        accounts.remove_passkey(db, ruth, passkey_id=passkey_id, now=NOW)
    assert sign_in(db, authenticator) is None
    assert audited(db, "renamed") == ["Renamed the passkey “Laptop” to “Phone”."]
    assert audited(db, "removed") == ["Removed the passkey “Phone”."]
    mails = db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [message.subject for message in mails] == [
        "The passkey “Laptop” was added to your DonorCRM account",
        "The passkey “Phone” was removed from your DonorCRM account",
    ]
    assert {message.to_email for message in mails} == {"ruth@example.org"}
    assert "on 24 Nov at 09:00" in mails[0].text_body
    assert f"{ORIGIN}/settings" in present(mails[1].html_body)


def test_a_name_is_escaped_in_the_mail(db: Session, ruth: accounts.Actor) -> None:
    add(db, ruth, device(), name="<b>x</b>")
    (mail,) = db.scalars(select(OutboxMessage)).all()
    assert "<b>x</b>" not in present(mail.html_body)


def test_a_new_password_and_ending_other_sessions_keep_passkeys(
    db: Session, ruth: accounts.Actor
) -> None:
    authenticator = device()
    add(db, ruth, authenticator)
    _, _, _, code = present(accounts.request_password_reset(db, email=ruth.email, now=NOW))
    accounts.reset_password(db, code=code, new="violet ladder seven oceans", now=NOW)
    accounts.end_other_sessions(db, ruth, keep=None, now=NOW)
    assert sign_in(db, authenticator) == ruth


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://crm.example.org", True),
        ("https://crm", True),
        ("http://localhost:8501", True),
        ("http://127.0.0.1:8501", False),
        ("https://192.0.2.7", False),
        ("https://[::1]", False),
        ("http://crm.example.org", False),
    ],
)
def test_where_browsers_offer_passkeys(
    db: Session, ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch, address: str, works: bool
) -> None:
    monkeypatch.setenv("PUBLIC_URL", address)
    settings.cache_clear()
    assert accounts.passkeys_available() is works
    if not works:
        with pytest.raises(InvalidError, match="over https"):
            accounts.begin_passkey(db, ruth, now=NOW)
        with pytest.raises(InvalidError, match="over https"):
            accounts.begin_passkey_sign_in(db, now=NOW)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://CRM.example.org:443/", "https://crm.example.org"),
        ("https://crm.example.org:8443", "https://crm.example.org:8443"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_the_origin_is_written_as_browsers_do(
    monkeypatch: pytest.MonkeyPatch, address: str, origin: str
) -> None:
    monkeypatch.setenv("PUBLIC_URL", address)
    settings.cache_clear()
    assert accounts.passkey_origin() == origin


def test_expired_challenges_are_deleted(db: Session, ruth: accounts.Actor) -> None:
    for minute in range(5):
        accounts.begin_passkey_sign_in(db, now=NOW + timedelta(minutes=3 * minute))
    assert len(db.scalars(select(OneTimeCode).where(OneTimeCode.user_id.is_(None))).all()) == 1


def test_of_twenty_concurrent_sign_ins_one_succeeds(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, authenticator = signed_in(db), device()
        add(db, ruth, authenticator)
        response = authenticator.get(accounts.begin_passkey_sign_in(db, now=NOW))

    def race(_number: int) -> object:
        with transaction_for_system() as db:
            return accounts.sign_in_with_passkey(db, response=response, now=NOW)

    with ThreadPoolExecutor(20) as pool:
        signed_in_users = [user for user in pool.map(race, range(20)) if user is not None]
    assert signed_in_users == [ruth]


def test_the_database_shows_passkeys_to_their_owner(database: URL) -> None:
    # the database asks its own clock whether a session has ended
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, sam = signed_in(db, now=now), signed_in(db, now=now)
        ada = signed_in(db, now=now, role="admin")
    authenticator = device()
    with transaction(ruth) as db:
        passkey_id = add(db, ruth, authenticator, now=now)
    with pytest.raises(DonorCrmError), transaction(sam) as db:
        add(db, sam, authenticator, now=now)
    count_query = text("select count(*) from passkey")
    for actor, expected in ((ruth, 1), (sam, 0), (ada, 1)):
        with transaction(actor) as db:
            assert db.execute(count_query).scalar_one() == expected
    with transaction(sam) as db:
        db.execute(text("delete from passkey"))
        db.execute(text("update passkey set user_id = :me"), {"me": sam.user_id})
    with pytest.raises(DBAPIError), transaction(sam) as db:
        add(db, replace(ruth, session_id=None), device(), now=now)
    with transaction(ruth) as db:
        accounts.rename_passkey(db, ruth, passkey_id=passkey_id, name="Phone")
        accounts.remove_passkey(db, ruth, passkey_id=passkey_id, now=now)
