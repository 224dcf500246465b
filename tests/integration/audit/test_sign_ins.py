"""Sign-ins, refused sign-ins and sign-outs in the audit log."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app import accounts, audit
from app.accounts import Actor
from app.accounts.authentication import login_throttle, mfa
from app.accounts.authentication.passwords import hash_password
from tests import factories as make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "seven quiet boats at noon"


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(
        db, name="Ruth Adler", email="ruth@example.org", password_hash=hash_password(PASSWORD)
    )


def sign_in(db: Session, email: str, password: str = PASSWORD, **values: str) -> object:
    return accounts.sign_in(
        db, email=email, password=password, now=NOW, caller="203.0.113.9", **values
    )


def entries(db: Session) -> list[tuple[str, str, str, int | None]]:
    """Return (action, who, sentence, user id) of the sign-ins, the oldest first."""
    page = audit.page(db, filter=audit.ActivityFilter(entity=audit.SIGN_IN))
    return [
        (line.action, line.who, line.sentence, line.entity_id) for line in reversed(page.lines)
    ]


def test_sign_in_and_sign_out_are_recorded_once(db: Session, ruth: Actor) -> None:
    sign_in(db, "Ruth@Example.org")
    session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    for _ in range(2):
        accounts.end_session(db, session_id=session_id, now=NOW)
    assert entries(db) == [
        ("sign_in.succeeded", "Ruth Adler", "Signed in with a password.", ruth.user_id),
        ("sign_in.ended", "Ruth Adler", "Signed out.", ruth.user_id),
    ]


def test_a_wrong_password_is_recorded_with_the_accounts_address(db: Session, ruth: Actor) -> None:
    assert sign_in(db, " RUTH@example.org", "not hers") is None
    sentence = "Failed to sign in as ruth@example.org: wrong password."
    assert entries(db) == [
        ("sign_in.failed", "somebody not signed in", sentence, ruth.user_id),
    ]


def test_nothing_that_was_typed_for_an_unknown_account_is_stored(db: Session, ruth: Actor) -> None:
    assert sign_in(db, PASSWORD, "a second secret") is None
    sentence = "Failed to sign in: no account has the e-mail that was typed."
    assert entries(db) == [("sign_in.failed", "somebody not signed in", sentence, None)]
    stored = db.scalar(text("select string_agg(a::text, ' ') from activity a")) or ""
    assert PASSWORD not in stored
    assert "a second secret" not in stored


def test_known_and_unknown_addresses_run_the_same_statements(db: Session, ruth: Actor) -> None:
    statements: list[str] = []
    connection = db.connection()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    def statements_of(email: str) -> list[str]:
        statements.clear()
        sign_in(db, email, "not hers")
        return list(statements)

    event.listen(connection, "before_cursor_execute", note)
    try:
        assert statements_of("ruth@example.org") == statements_of("nobody@example.org")
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_a_deactivated_account_and_a_wrong_code_say_so(
    db: Session, ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mfa, "has_mfa", lambda *_: True)
    monkeypatch.setattr(mfa, "verify_code", lambda *_, code, **__: code == "123456")
    sign_in(db, ruth.email, code="654321")
    needed = sign_in(db, ruth.email)
    assert isinstance(needed, accounts.CodeRequired)
    accounts.sign_in_with_code(db, needed=needed, code="654321", now=NOW)
    accounts.sign_in_with_code(db, needed=needed, code="123456", now=NOW)
    db.execute(text("update app_user set active = false"))
    db.expire_all()
    sign_in(db, ruth.email)
    start = "Failed to sign in as ruth@example.org: "
    assert [sentence for _, _, sentence, _ in entries(db)] == [
        f"{start}wrong code.",
        f"{start}wrong code.",
        "Signed in with a password and a code.",
        f"{start}the account is deactivated.",
    ]


def test_tries_during_the_delay_are_not_recorded(db: Session, ruth: Actor) -> None:
    for _ in range(30):
        sign_in(db, ruth.email, "not hers")
    refused = len(entries(db))
    assert 0 < refused < 30
    later = NOW + login_throttle.LONGEST_WAIT + timedelta(hours=1)
    accounts.sign_in(db, email=ruth.email, password="no", now=later, caller="203.0.113.9")
    assert len(entries(db)) == refused + 1


def test_other_sessions_tokens_and_the_provider(db: Session, ruth: Actor) -> None:
    accounts.sign_in_with_provider(db, email=ruth.email, verified=True, now=NOW)
    keep, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    for _ in range(2):
        accounts.open_session(db, user_id=ruth.user_id, now=NOW)
    for _ in range(2):
        accounts.end_other_sessions(db, ruth, keep=keep, now=NOW)
    tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    for _ in range(2):
        accounts.revoke_tokens(db, refresh=tokens.refresh, now=NOW)
    assert [sentence for _, _, sentence, _ in entries(db)] == [
        "Signed in with the identity provider.",
        "Signed out of 2 other sessions.",
        "Signed out of the API.",
    ]


def test_failures_alone(db: Session, ruth: Actor) -> None:
    sign_in(db, ruth.email)
    sign_in(db, ruth.email, "not hers")
    only = audit.ActivityFilter(entity=audit.SIGN_IN, action=audit.FAILED_SIGN_IN)
    assert [line.action for line in audit.page(db, filter=only).lines] == ["sign_in.failed"]
