"""Messages against a real SMTP server: nothing lost, nothing twice, every refusal seen."""

import os
import signal
import smtplib
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from sqlalchemy import select, text

from app import mail
from app.db import transaction
from app.db.models import OutboxMessage
from app.kit.errors import NotFoundError
from app.mail import backends, message, outbox, render, sender, smtp
from app.mail.errors import RefusedError
from app.settings import ROOT, settings
from tests import factories as make
from tests.smtp_sink import Door, own_certificate, sink

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LINK = "https://crm.example.org/reset?code=abc"


@pytest.fixture
def server(database, monkeypatch):
    with sink(monkeypatch) as kept:
        settings.cache_clear()
        yield kept


def queue(number=1, to="ruth@example.org", **more):
    """Queue messages, each in a transaction of its own, and return their rows."""
    for one in range(number):
        with transaction() as db:
            assert outbox.queue(
                db,
                key=f"{to}:{one}",
                name="password_reset",
                to=to,
                user_id=more.get("user_id"),
                mail=letter(),
                now=NOW,
            )
    return rows()


def letter(**more):
    values = {"subject": "Your new password", "name": "Ruth", "organisation": "Harbour"} | more
    return mail.PasswordMail(**values, link=LINK)


def rows():
    with transaction() as db:
        return db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def only_row():
    (row,) = rows()
    return row


def test_a_message_is_queued_once_per_key_and_with_its_cause(db):
    how = {"name": "password_reset", "to": "a@example.org", "user_id": None, "now": NOW}

    assert outbox.queue(db, key="one", mail=letter(), **how)
    assert not outbox.queue(db, key="one", mail=letter(), **how)
    db.rollback()

    assert not mail.was_queued(db, key="one")


def test_a_message_travels_whole(server):
    row = queue()[0]

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)

    (got,) = server.messages
    assert got["From"] == "Harbour Friends <post@harbour.example>"
    assert got["To"] == "ruth@example.org"
    assert got["Subject"] == "Your new password"
    assert got["Message-ID"] == row.message_id
    assert row.message_id.endswith("@harbour.example>")
    assert got["Auto-Submitted"] == "auto-generated"
    assert LINK in got.get_body(("plain",)).get_content()
    assert LINK in got.get_body(("html",)).get_content()
    assert only_row().state == "sent"
    assert mail.send_waiting(now=NOW) == mail.Sent()


def test_names_of_all_the_world_arrive_on_a_seven_bit_line(server):
    name = "Xiaomei Trần अनन्या " + "x" * 2000
    with transaction() as db:
        outbox.queue(
            db,
            key="world",
            name="password_reset",
            to="a@example.org",
            user_id=None,
            now=NOW,
            mail=letter(name=name, subject="Käthe Eichstädt is late"),
        )

    mail.send_waiting(now=NOW)

    (got,) = server.messages
    assert name in got.get_body(("plain",)).get_content()
    assert got["Subject"] == "Käthe Eichstädt is late"
    assert got.as_bytes().isascii()


def test_a_line_break_in_a_subject_is_no_header(server):
    with transaction() as db:
        outbox.queue(
            db,
            key="evil",
            name="password_reset",
            to="a@example.org",
            user_id=None,
            now=NOW,
            mail=letter(subject="Mara\r\nBcc: everybody@example.org"),
        )

    mail.send_waiting(now=NOW)

    (got,) = server.messages
    assert got["Bcc"] is None
    assert got["Subject"] == "Mara Bcc: everybody@example.org"


def test_not_now_is_tried_again_later_each_wait_longer(server):
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


@pytest.mark.parametrize("where", ["recipient", "message"])
def test_never_is_tried_once_and_shown(server, where):
    queue(to="gone@example.org")
    if where == "recipient":
        server.refuses = {"gone@example.org": "550 No such mailbox"}
    else:
        server.answers = ["550 No such mailbox"]

    assert mail.send_waiting(now=NOW) == mail.Sent(refused=1)

    row = only_row()
    assert (row.state, row.tries, row.error) == ("failed", 1, "550 No such mailbox")
    assert mail.send_waiting(now=NOW + timedelta(days=1)) == mail.Sent()


def test_one_refused_message_does_not_hold_up_the_others(server):
    queue(to="gone@example.org")
    queue(to="ruth@example.org")
    server.refuses = {"gone@example.org": "550 No such mailbox"}

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1, refused=1)


def test_a_failed_message_can_be_sent_again_by_hand(server):
    server.answers = ["550 No such mailbox"]
    queue()
    mail.send_waiting(now=NOW)

    with transaction() as db:
        (failed,) = mail.messages(db, states=("failed",))
        mail.resend(db, message_id=failed.message_id, now=NOW)
    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)
    with transaction() as db, pytest.raises(NotFoundError):
        mail.resend(db, message_id=failed.message_id, now=NOW)


@pytest.mark.parametrize("how", ["hang up", "hang"])
def test_a_broken_or_silent_connection_loses_nothing(server, monkeypatch, how):
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.5)
    server.answers = [how]
    queue(2)

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert {row.state for row in rows()} == {"queued"}
    assert mail.send_waiting(now=NOW + timedelta(hours=1)) == mail.Sent(sent=2)
    assert len(server.messages) == 2


def test_a_server_out_of_reach_leaves_everything_queued_with_the_reason(server, monkeypatch):
    queue(2)
    monkeypatch.setenv("EMAIL_PORT", "1")
    settings.cache_clear()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert "cannot be used" in only_error()


def only_error():
    (error,) = {row.error for row in rows()}
    return error


def test_tries_come_to_an_end_after_days(server):
    queue()
    with transaction() as db:
        db.execute(text("update outbox set tries = 23"))
    server.answers = ["451 greylisted"]

    assert mail.send_waiting(now=NOW) == mail.Sent(refused=1)
    assert only_row().state == "failed"


def test_two_senders_at_once_send_each_message_once(server):
    queue(60)
    start = threading.Barrier(2)

    def send():
        start.wait()
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


def test_a_killed_sender_repeats_at_most_the_message_it_was_at(server):
    """kill -9 between send and mark: that one comes twice with one Message-ID, none is lost."""
    queue(5)
    process = None

    def kill_at_the_third(_message):
        if len(server.messages) == 2 and process is not None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()

    server.on_message = kill_at_the_third
    process = subprocess.Popen([sys.executable, "-c", SENDER], cwd=ROOT)
    process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    settle_down(server)

    assert mail.send_waiting(now=NOW + timedelta(minutes=5)) == mail.Sent()
    server.on_message = lambda _message: None
    assert mail.send_waiting(now=NOW + timedelta(minutes=11)).sent == 3

    assert len(set(server.keys)) == 5
    assert len(server.keys) - 5 <= 1
    assert {row.state for row in rows()} == {"sent"}


def settle_down(server):
    """Wait until the server has taken what was under way when its client died."""
    seen = -1
    while seen != len(server.messages):
        seen = len(server.messages)
        time.sleep(0.3)


def test_nobody_is_written_to_whose_account_has_ended(server):
    with transaction() as db:
        gone = make.person(db, active=False)
    queue(user_id=gone.user_id)

    assert mail.send_waiting(now=NOW) == mail.Sent()
    assert only_row().state == "suppressed"


def test_a_round_that_takes_too_long_gives_the_rest_back(server, monkeypatch):
    queue(2)
    monkeypatch.setattr(sender, "ROUND_SECONDS", -1)

    assert mail.send_waiting(now=NOW) == mail.Sent(later=2)
    assert [(row.state, row.tries) for row in rows()] == [("queued", 0)] * 2


def test_what_is_no_address_fails_alone():
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
def certificate(monkeypatch, tmp_path):
    """The server's side of TLS, with a certificate that is trusted for this test."""
    file = tmp_path / "server.pem"
    file.write_bytes(own_certificate("127.0.0.1"))
    real = ssl.create_default_context

    def trusting(*args, **how):
        context = real(*args, **how)
        context.load_verify_locations(file)
        return context

    monkeypatch.setattr(ssl, "create_default_context", trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("password", ["quiet harbour", "wrong"])
def test_starttls_and_sign_in(database, monkeypatch, certificate, password):
    how = {
        "tls_context": certificate,
        "require_starttls": True,
        "authenticator": Door(),
        "auth_required": True,
    }
    with sink(monkeypatch, **how) as kept:
        monkeypatch.setenv("EMAIL_USE_TLS", "true")
        monkeypatch.setenv("EMAIL_HOST_USER", "post")
        monkeypatch.setenv("EMAIL_HOST_PASSWORD", password)
        settings.cache_clear()
        queue()
        sent = mail.send_waiting(now=NOW)

    if password == "wrong":
        assert sent == mail.Sent(later=1)
        assert "535" in only_row().error
        assert kept.messages == []
    else:
        assert sent == mail.Sent(sent=1)


def test_port_465_speaks_tls_from_the_start(database, monkeypatch, certificate):
    with sink(monkeypatch, ssl_context=certificate) as kept:
        monkeypatch.setattr(smtp, "TLS_FROM_THE_START", kept.port)
        settings.cache_clear()
        queue()
        assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)


def test_tls_that_was_asked_for_is_never_done_without(server, monkeypatch):
    monkeypatch.setenv("EMAIL_USE_TLS", "true")
    settings.cache_clear()
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=1)
    assert server.messages == []


def test_the_file_backend_writes_one_eml_a_message(database, monkeypatch, tmp_path):
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    settings.cache_clear()
    queue(2)

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=2)

    files = sorted((tmp_path / "var" / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert LINK in read.get_body(("plain",)).get_content()


def test_a_full_disk_is_a_try_for_later(database, monkeypatch, tmp_path):
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    settings.cache_clear()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "mail").write_text("in the way")
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(later=1)


def test_the_console_prints_who_would_get_what(database, capsys):
    queue()

    assert mail.send_waiting(now=NOW) == mail.Sent(sent=1)
    said = capsys.readouterr().out
    assert "ruth@example.org" in said
    assert LINK in said


def test_counts_hold_for_all_senders_together(server):
    server.answers = ["250 OK", "451 later", "550 never"]
    queue(3)
    mail.send_waiting(now=NOW)

    with transaction() as db:
        assert mail.counts(db, since=NOW - timedelta(hours=1)) == (1, 1, 1)
        assert mail.states(db) == {"sent": 1, "queued": 1, "failed": 1}


def test_an_unknown_name_and_a_missing_value_are_errors():
    with pytest.raises(TemplateNotFound):
        render.text("no_such_mail", letter())
    with pytest.raises(UndefinedError):
        render.text("weekly_summary", letter())


def test_every_mail_has_a_text_and_no_remote_picture():
    folder = ROOT / "templates" / "emails"
    names = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
    assert {"weekly_summary", "late_pledge_alert", "at_risk_donors_alert"} <= names
    for name in names:
        assert (folder / f"{name}.txt").exists(), name
    for path in folder.glob("*.html"):
        assert "<img" not in path.read_text()
        assert "url(" not in path.read_text()


def test_somebodys_words_are_never_markup():
    html = render.html("password_reset", letter(name="<script>alert(1)</script>"))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_html_keeps_the_dark_theme_and_carries_its_style_on_every_element():
    html = render.html("password_reset", letter())

    assert "prefers-color-scheme: dark" in html
    assert 'style="display: inline-block' in html


def test_only_smtp_knows_the_protocol():
    assert smtp.smtplib is smtplib
    assert not hasattr(backends, "smtplib")
