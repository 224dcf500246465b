"""The outbox with a real SMTP server: delivery, retries, refusals and backends."""

import os
import signal
import smtplib
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy import URL, select, text
from sqlalchemy.orm import Session

from app import mail
from app.db import transaction_for_system
from app.db.models import OutboxMessage
from app.kit.errors import NotFoundError
from app.mail import backends, message, outbox, render, sender, smtp, unsubscribe_links
from app.mail.errors import RefusedError
from app.settings import ROOT, settings
from tests import factories as make
from tests.smtp_sink import Door, Sink, own_certificate, sink
from tests.values import present

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LINK = "https://crm.example.org/reset?code=abc"


@pytest.fixture
def server(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with sink(monkeypatch) as smtp_server:
        settings.cache_clear()
        yield smtp_server


def queue(
    number: int = 1, to: str = "ruth@example.org", **options: int
) -> Sequence[OutboxMessage]:
    """Queue messages, each in its own transaction, and return their rows."""
    for index in range(number):
        with transaction_for_system() as db:
            assert outbox.queue(
                db,
                key=f"{to}:{index}",
                name="password_reset",
                to=to,
                user_id=options.get("user_id"),
                mail=password_mail(),
                now=NOW,
            )
    return rows()


def password_mail(**values: str) -> mail.PasswordMail:
    fields = {"subject": "Your new password", "name": "Ruth", "organisation": "Harbour"} | values
    return mail.PasswordMail(**fields, link=LINK)


def rows() -> Sequence[OutboxMessage]:
    with transaction_for_system() as db:
        return db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def only_row() -> OutboxMessage:
    (row,) = rows()
    return row


def test_a_message_is_queued_once_per_key_in_its_transaction(db: Session) -> None:
    queue = partial(
        outbox.queue,
        db,
        key="one",
        name="password_reset",
        to="a@example.org",
        user_id=None,
        mail=password_mail(),
        now=NOW,
    )

    assert queue()
    assert not queue()
    db.rollback()

    assert not mail.was_queued(db, key="one")


def test_a_message_is_sent_with_all_headers_and_parts(server: Sink) -> None:
    row = queue()[0]

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)

    (received,) = server.messages
    assert received["From"] == "Harbour Friends <post@harbour.example>"
    assert received["To"] == "ruth@example.org"
    assert received["Subject"] == "Your new password"
    assert received["Message-ID"] == row.message_id
    assert row.message_id.endswith("@harbour.example>")
    assert received["Auto-Submitted"] == "auto-generated"
    assert LINK in present(received.get_body(("plain",))).get_content()
    assert LINK in present(received.get_body(("html",))).get_content()
    assert only_row().state == "sent"
    assert mail.send_waiting(now=NOW) == mail.Sent()


def test_unicode_names_are_sent_as_seven_bit(server: Sink) -> None:
    name = "Xiaomei Trần अनन्या " + "x" * 2000
    with transaction_for_system() as db:
        outbox.queue(
            db,
            key="world",
            name="password_reset",
            to="a@example.org",
            user_id=None,
            now=NOW,
            mail=password_mail(name=name, subject="Käthe Eichstädt is late"),
        )

    mail.send_waiting(now=NOW)

    (received,) = server.messages
    assert name in present(received.get_body(("plain",))).get_content()
    assert received["Subject"] == "Käthe Eichstädt is late"
    assert received.as_bytes().isascii()


def test_header_injection_in_a_subject(server: Sink) -> None:
    with transaction_for_system() as db:
        outbox.queue(
            db,
            key="evil",
            name="password_reset",
            to="a@example.org",
            user_id=None,
            now=NOW,
            mail=password_mail(subject="Mara\r\nBcc: everybody@example.org"),
        )

    mail.send_waiting(now=NOW)

    (received,) = server.messages
    assert received["Bcc"] is None
    assert received["Subject"] == "Mara Bcc: everybody@example.org"


def test_temporary_failures_are_retried_with_backoff(server: Sink) -> None:
    server.answers = ["421 too busy", "451 greylisted"]
    first = queue()[0]

    assert mail.send_waiting(now=NOW) == mail.Sent(later=1)
    row = only_row()
    assert (row.state, row.tries, row.error) == ("queued", 1, "421 too busy")
    assert timedelta(seconds=48) <= row.next_try_at - NOW <= timedelta(seconds=72)

    assert mail.send_waiting(now=NOW) == mail.Sent()
    second = row.next_try_at
    assert mail.send_waiting(now=second) == mail.Sent(later=1)
    assert timedelta(seconds=96) <= only_row().next_try_at - second <= timedelta(seconds=144)
    assert mail.send_waiting(now=NOW + timedelta(hours=1)) == mail.Sent(sent=1)
    assert server.keys == [first.message_id]


@pytest.mark.parametrize("stage", ["recipient", "message"])
def test_permanent_failures_are_not_retried(server: Sink, stage: str) -> None:
    queue(to="gone@example.org")
    if stage == "recipient":
        server.refuses = {"gone@example.org": "550 No such mailbox"}
    else:
        server.answers = ["550 No such mailbox"]

    assert mail.send_waiting(now=NOW) == mail.Sent(refused=1)

    row = only_row()
    assert (row.state, row.tries, row.error) == ("failed", 1, "550 No such mailbox")
    assert mail.send_waiting(now=NOW + timedelta(days=1)) == mail.Sent()


def test_a_refused_message_does_not_block_others(server: Sink) -> None:
    queue(to="gone@example.org")
    queue(to="ruth@example.org")
    server.refuses = {"gone@example.org": "550 No such mailbox"}

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1, refused=1)


def test_a_failed_message_can_be_resent(server: Sink) -> None:
    server.answers = ["550 No such mailbox"]
    queue()
    mail.send_waiting(now=NOW)

    with transaction_for_system() as db:
        (failed,) = mail.messages(db, states=("failed",))
        mail.resend(db, message_id=failed.message_id, now=NOW)
    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)
    with transaction_for_system() as db, pytest.raises(NotFoundError):
        mail.resend(db, message_id=failed.message_id, now=NOW)


@pytest.mark.parametrize("failure", ["hang up", "hang"])
def test_a_broken_or_silent_connection_loses_nothing(
    server: Sink, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.5)
    server.answers = [failure]
    queue(2)

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert {row.state for row in rows()} == {"queued"}
    assert mail.send_waiting(now=NOW + timedelta(hours=1)) == mail.Sent(sent=2)
    assert len(server.messages) == 2


def test_an_unreachable_server_leaves_messages_queued(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(2)
    monkeypatch.setenv("EMAIL_PORT", "1")
    settings.cache_clear()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert "cannot be used" in present(only_error())


def only_error() -> str | None:
    (error,) = {row.error for row in rows()}
    return error


def test_retries_end_after_days(server: Sink) -> None:
    queue()
    with transaction_for_system() as db:
        db.execute(text("update outbox set tries = 23"))
    server.answers = ["451 greylisted"]

    assert mail.send_waiting(now=NOW) == mail.Sent(refused=1)
    assert only_row().state == "failed"


def test_concurrent_senders_send_each_message_once(server: Sink) -> None:
    queue(60)
    barrier = threading.Barrier(2)

    def send() -> None:
        barrier.wait()
        while mail.send_waiting(now=NOW) != mail.Sent():
            pass

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: send(), range(2)))

    assert len(server.keys) == 60
    assert len(set(server.keys)) == 60
    assert {row.state for row in rows()} == {"sent"}


SENDER = """
from datetime import UTC, datetime
from app import mail
mail.send_waiting(now=datetime(2026, 11, 23, 9, 30, tzinfo=UTC))
"""


def test_a_killed_sender_repeats_at_most_one_message(server: Sink) -> None:
    """After kill -9 between send and mark one message is sent twice and none is lost."""
    queue(5)
    process = None

    def kill_at_the_third(_message: EmailMessage) -> None:
        if len(server.messages) == 2 and process is not None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    server.on_message = kill_at_the_third
    process = subprocess.Popen([sys.executable, "-c", SENDER], cwd=ROOT)
    process.wait(timeout=180)
    assert process.returncode == -signal.SIGKILL
    wait_until_received(server)

    assert mail.send_waiting(now=NOW + timedelta(minutes=5)) == mail.Sent()
    server.on_message = lambda _message: None
    assert mail.send_waiting(now=NOW + timedelta(minutes=11)).sent == 3

    assert len(set(server.keys)) == 5
    assert len(server.keys) - 5 <= 1
    assert {row.state for row in rows()} == {"sent"}


def wait_until_received(server: Sink) -> None:
    """Wait until the server has received what its killed client had sent."""
    count = -1
    while count != len(server.messages):
        count = len(server.messages)
        time.sleep(0.3)


def test_mail_to_an_inactive_account_is_suppressed(server: Sink) -> None:
    with transaction_for_system() as db:
        inactive = make.person(db, active=False)
    queue(user_id=inactive.user_id)

    assert mail.send_waiting(now=NOW) == mail.Sent()
    assert only_row().state == "suppressed"


def test_a_round_over_its_time_limit_requeues_the_rest(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(2)
    monkeypatch.setattr(sender, "ROUND_SECONDS", -1)

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert [(row.state, row.tries) for row in rows()] == [("queued", 0)] * 2


def test_an_invalid_address_is_refused() -> None:
    with pytest.raises(RefusedError, match="not an e-mail"):
        message.build(
            sender="a@example.org",
            to="nobody at all",
            subject="s",
            text="t",
            html=None,
            message_id="<1@example.org>",
            at=NOW,
            headers={},
        )


@pytest.fixture
def certificate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate that is trusted for this test."""
    file = tmp_path / "server.pem"
    file.write_bytes(own_certificate("127.0.0.1"))
    create_default_context = ssl.create_default_context

    def create_trusting_context(
        purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH,
    ) -> ssl.SSLContext:
        context = create_default_context(purpose)
        context.load_verify_locations(file)
        return context

    monkeypatch.setattr(ssl, "create_default_context", create_trusting_context)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("password", ["quiet harbour", "wrong"])
def test_starttls_and_sign_in(
    database: URL, monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext, password: str
) -> None:
    with sink(
        monkeypatch,
        tls_context=certificate,
        require_starttls=True,
        authenticator=Door(),
        auth_required=True,
    ) as smtp_server:
        monkeypatch.setenv("EMAIL_USE_TLS", "true")
        monkeypatch.setenv("EMAIL_HOST_USER", "post")
        monkeypatch.setenv("EMAIL_HOST_PASSWORD", password)
        settings.cache_clear()
        queue()
        sent = mail.send_waiting(now=NOW)

    if password == "wrong":
        assert sent == mail.Sent(later=1)
        assert "535" in present(only_row().error)
        assert smtp_server.messages == []
    else:
        assert sent == mail.Sent(sent=1)


def test_port_465_uses_implicit_tls(
    database: URL, monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext
) -> None:
    with sink(monkeypatch, ssl_context=certificate) as smtp_server:
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", smtp_server.port)
        settings.cache_clear()
        queue()
        assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)


def test_mail_is_not_sent_without_required_tls(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_USE_TLS", "true")
    settings.cache_clear()
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=1)
    assert server.messages == []


def test_the_file_backend_writes_one_eml_per_message(
    database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    settings.cache_clear()
    queue(2)

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=2)

    files = sorted((tmp_path / "var" / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert LINK in present(read.get_body(("plain",))).get_content()


def test_an_unwritable_folder_is_a_temporary_failure(
    database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    settings.cache_clear()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "mail").write_text("in the way")
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=1)


def test_the_console_backend_prints_the_message(
    database: URL, capsys: pytest.CaptureFixture[str]
) -> None:
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)
    output = capsys.readouterr().out
    assert "ruth@example.org" in output
    assert LINK in output


def test_counts_and_states(server: Sink) -> None:
    server.answers = ["250 OK", "451 later", "550 never"]
    queue(3)
    mail.send_waiting(now=NOW)

    with transaction_for_system() as db:
        assert mail.counts(db, since=NOW - timedelta(hours=1)) == (1, 1, 1)
        assert mail.states(db) == {"sent": 1, "queued": 1, "failed": 1}


def test_unknown_templates_and_missing_values_are_errors() -> None:
    with pytest.raises(TemplateNotFound):
        render.text("no_such_mail", password_mail())
    with pytest.raises(UndefinedError):
        render.text("weekly_summary", password_mail())


def test_every_template_has_text_and_no_remote_images() -> None:
    folder = ROOT / "templates" / "emails"
    names = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
    assert {"weekly_summary", "late_pledge_alert", "at_risk_donors_alert"} <= names
    for name in names:
        assert (folder / f"{name}.txt").exists(), name
    for path in folder.glob("*.html"):
        assert "<img" not in path.read_text()
        assert "url(" not in path.read_text()


def test_values_are_escaped_in_html() -> None:
    html = render.html("password_reset", password_mail(name="<script>alert(1)</script>"))

    assert "<script>" not in present(html)
    assert "&lt;script&gt;" in present(html)


def test_html_has_a_dark_theme_and_inlined_styles() -> None:
    html = render.html("password_reset", password_mail())

    assert "prefers-color-scheme: dark" in present(html)
    assert 'style="display: inline-block' in present(html)


def test_only_the_smtp_module_imports_smtplib() -> None:
    assert vars(smtp)["smtplib"] is smtplib
    assert not hasattr(backends, "smtplib")


def test_an_opened_message_has_no_link_that_acts_for_its_recipient(db: Session) -> None:
    make.organisation(db)
    ruth = make.person(db)
    links = [
        unsubscribe_links.email_preferences_link(ruth.user_id, kind, now=NOW)
        for kind in unsubscribe_links.KINDS
    ]
    links += [
        action.link
        for action in mail.link_actions(
            ruth.user_id, tuple(mail.LABELS), 7, access_version=0, now=NOW
        )
    ]
    links += [f"{settings().public_url}/{path}?code=Zx81" for path in ("reset", "invitation")]
    donor_link = f"{settings().public_url}/donor?id=17"
    for number, link in enumerate([*links, donor_link]):
        outbox.queue(
            db,
            key=str(number),
            name="password_reset",
            to=ruth.email,
            user_id=None,
            mail=mail.PasswordMail("A link", "Ruth", "Harbour", link),
            now=NOW,
        )
    texts = [
        outbox.opened(db, message_id=line.message_id).text for line in reversed(mail.messages(db))
    ]
    assert len(texts) == len(links) + 1
    for link, opened in zip(links, texts, strict=False):
        assert link not in opened
        assert link.rpartition("/")[2] not in opened
        assert "…" in opened
    assert donor_link in texts[-1]
    with pytest.raises(NotFoundError, match="not in the outbox any more"):
        outbox.opened(db, message_id=0)
