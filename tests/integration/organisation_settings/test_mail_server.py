"""The mail server set in the browser: saved, tested, used by the sender, and kept secret."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts, demonstration_mode, mail, organisation_settings
from app.db import transaction_for_system
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.security.encryption import KeyUse
from app.mail import MailServer, PasswordMail, outbox, send_waiting
from app.settings import settings
from tests import factories as make
from tests.smtp_sink import Door, sink

NEW_KEY = "another key of this place, 0123456789 abcdef"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SERVER = MailServer(
    host="smtp.example.org",
    port=587,
    use_tls=True,
    username="office",
    password="a secret of the mail server",
    sender="office@example.org",
)
LETTER = PasswordMail("Your new password", "Ruth", "Harbour", "https://crm.example.org/r?c=secret")


def local(port: int) -> MailServer:
    return replace(SERVER, host="127.0.0.1", port=port, use_tls=False, username="", password="")


def test_the_sender_uses_it_with_the_name_of_the_organisation(database: URL) -> None:
    with sink() as server:
        with transaction_for_system() as db:
            make.organisation(db)
            ada = make.person(db, "admin")
            assert mail.current_route(db).backend == "console"
            organisation_settings.save_mail_server(db, ada, local(server.port), now=NOW)
            accounts.save_organisation(db, ada, sender_name="Verein Leuchtturm")
            outbox.queue(
                db,
                key="k",
                name="password_reset",
                to="ruth@example.org",
                user_id=None,
                mail=LETTER,
                now=NOW,
            )
        assert send_waiting(now=NOW).sent == 1
    assert server.messages[0]["From"] == "Verein Leuchtturm <office@example.org>"
    assert server.messages[0]["Message-ID"].endswith("@example.org>")


def test_the_password_is_stored_encrypted_and_shown_to_nobody(db: Session) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    stored = db.execute(text("select password from mail_server")).scalar_one()
    assert SERVER.password.encode() not in bytes(stored)
    assert mail.saved_server(db) == SERVER
    route = organisation_settings.mail_route(db, ada)
    assert route.server == replace(SERVER, password="")
    assert SERVER.password not in repr(mail.saved_server(db))
    assert (
        db.execute(
            text("select count(*) from activity where after::text like '%secret%'")
        ).scalar()
        == 0
    )


def test_an_empty_password_keeps_the_saved_one_for_the_same_server_only(db: Session) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    same = replace(SERVER, password="", port=465)
    assert organisation_settings.checked_server(db, ada, same).password == SERVER.password
    for other in (
        replace(same, host="evil.example.org"),
        replace(same, username="somebody"),
        replace(same, use_tls=False),
    ):
        assert organisation_settings.checked_server(db, ada, other).password == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"host": " "}, "Name the mail server"),
        ({"host": "two words"}, "Name the mail server"),
        ({"port": 0}, "1 to 65535"),
        ({"port": 70_000}, "1 to 65535"),
        ({"sender": "nobody"}, "not an e-mail address"),
        ({"sender": ""}, "not an e-mail address"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_saved(
    db: Session, wrong: dict[str, str | int], sentence: str
) -> None:
    ada = make.person(db, "admin")
    with pytest.raises(InvalidError, match=sentence):
        organisation_settings.save_mail_server(
            db,
            ada,
            replace(SERVER, **wrong),  # type: ignore[arg-type]
            now=NOW,
        )
    assert mail.saved_server(db) is None


def test_a_test_message_arrives() -> None:
    with sink() as server:
        organisation_settings.send_test_message(local(server.port), to="ada@example.org", now=NOW)
    assert (server.messages[0]["To"], server.messages[0]["From"]) == (
        "ada@example.org",
        "office@example.org",
    )


def test_the_servers_own_sentence_is_shown() -> None:
    with sink() as server:
        server.answers.append("554 5.7.1 This sender is not allowed here")
        with pytest.raises(InvalidError, match=r"5\.7\.1 This sender is not allowed here"):
            organisation_settings.send_test_message(
                local(server.port), to="ada@example.org", now=NOW
            )


def test_a_server_that_cannot_be_reached_is_described() -> None:
    with sink() as server:
        plain = local(server.port)
        for wrong, sentence in (
            (replace(plain, port=1), r"nothing answers at 127\.0\.0\.1, port 1\."),
            (replace(plain, host="no.such.server.invalid"), "no server is called no.such.server"),
            (replace(plain, use_tls=True), "not supported by server. Check the port"),
        ):
            with pytest.raises(InvalidError, match=sentence):
                organisation_settings.send_test_message(wrong, to="ada@example.org", now=NOW)


def test_a_wrong_password_shows_the_servers_sentence() -> None:
    with sink(authenticator=Door(), auth_require_tls=False) as server:
        wrong = replace(local(server.port), username="post", password="loud harbour")
        with pytest.raises(InvalidError, match=r"password\. Its answer: 535 5\.7\.8 Auth"):
            organisation_settings.send_test_message(wrong, to="ada@example.org", now=NOW)
        right = replace(wrong, password="quiet harbour")
        organisation_settings.send_test_message(right, to="ada@example.org", now=NOW)
    assert len(server.messages) == 1


def test_removed_it_prints_again(db: Session) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    assert mail.current_route(db).backend == "smtp"
    organisation_settings.remove_mail_server(db, ada, now=NOW)
    assert mail.current_route(db).backend == "console"


def test_the_environment_goes_first(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    monkeypatch.setenv("EMAIL_BACKEND", "smtp")
    monkeypatch.setenv("EMAIL_HOST", "other.example.org")
    settings.cache_clear()
    route = mail.current_route(db)
    assert route.server is not None
    assert route.server.host == "other.example.org"
    with pytest.raises(InvalidError, match="EMAIL_BACKEND"):
        organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)


def test_the_demonstration_sends_nothing(db: Session) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    demonstration_mode.turn_on(settings().data_dir)
    settings.cache_clear()
    assert mail.current_route(db).backend == "console"


def test_only_administrators_see_and_change_it(db: Session) -> None:
    for role in ("fundraiser", "supervisor", "coach", "finance", "read_only"):
        person = make.person(db, role)
        for call in (
            lambda who: organisation_settings.save_mail_server(db, who, SERVER, now=NOW),
            lambda who: organisation_settings.checked_server(db, who, SERVER),
            lambda who: organisation_settings.remove_mail_server(db, who, now=NOW),
            lambda who: organisation_settings.mail_route(db, who),
        ):
            with pytest.raises(NotAllowedError):
                call(person)


def test_the_password_outlives_the_key_it_was_encrypted_with(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    assert mail.key_use_for_system(db) == KeyUse(current=1)
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", json.dumps([settings().secret_key]))
    monkeypatch.setenv("SECRET_KEY", NEW_KEY)
    settings.cache_clear()
    assert mail.key_use_for_system(db) == KeyUse(older=1)
    assert mail.saved_server(db) == SERVER
    assert mail.reencrypt_for_system(db) == 1
    assert mail.reencrypt_for_system(db) == 0
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "")
    settings.cache_clear()
    assert mail.key_use_for_system(db) == KeyUse(current=1)
    assert mail.saved_server(db) == SERVER


def test_a_password_that_no_key_decrypts_is_reported_and_left_alone(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_mail_server(db, ada, SERVER, now=NOW)
    monkeypatch.setenv("SECRET_KEY", NEW_KEY)
    settings.cache_clear()
    assert mail.key_use_for_system(db) == KeyUse(lost=1)
    assert mail.reencrypt_for_system(db) == 0
    saved = mail.saved_server(db)
    assert saved is not None
    assert saved.password == ""
