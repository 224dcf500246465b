"""Bounces, suppressed addresses and rate limits."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart

import pytest
from sqlalchemy import text

from app import mail
from app.db import transaction_for_system
from app.db.models import OutboxMessage
from app.kit.errors import InvalidError, NotFoundError
from app.mail import bounces, sender
from app.settings import settings
from tests.integration.api.test_routes import client
from tests.integration.mail.test_outbox import NOW, only_row, queue, rows, server
from tests.smtp_sink import Sink
from tests.values import present
from tests.web_client import TestClient

__all__ = ["client", "server"]
TOKEN = "a token of the mail provider, long enough"


def report(
    row: OutboxMessage,
    *,
    status: str = "5.1.1",
    to: str = "postmaster@example.org",
    quoted: bool = True,
    diagnostic: str | None = None,
) -> bytes:
    """Return a delivery status report as a mail server sends it (RFC 3464)."""
    message = MIMEMultipart("report", report_type="delivery-status")
    message["To"] = to
    message["From"] = "MAILER-DAEMON@mx.example.net"
    message["Message-ID"] = "<of-the-report@mx.example.net>"
    explanation = MIMENonMultipart("text", "plain")
    explanation.set_payload("I could not deliver this.")
    status_part = EmailMessage()
    status_part["Content-Type"] = "message/delivery-status"
    report_part, recipient_part = EmailMessage(), EmailMessage()
    report_part["Reporting-MTA"] = "dns; mx.example.net"
    recipient_part["Final-Recipient"] = f"rfc822; {row.to_email}"
    recipient_part["Status"] = status
    recipient_part["Diagnostic-Code"] = diagnostic or f"smtp; 550 {status} no such user here"
    status_part.set_payload([report_part, recipient_part])
    message.attach(explanation)
    message.attach(status_part)
    if quoted:
        headers = MIMENonMultipart("text", "rfc822-headers")
        headers.set_payload(f"Message-ID: {row.message_id}\nSubject: {row.subject}\n")
        message.attach(headers)
    return message.as_bytes()


def send_one(to: str = "ruth@example.org") -> OutboxMessage:
    queue(to=to)
    sender.send_waiting(now=NOW)
    return next(row for row in rows() if row.to_email == to)


def record_bounce(raw: bytes) -> mail.Bounce:
    with transaction_for_system() as db:
        return mail.record_bounce(db, raw, now=NOW)


def suppressed() -> list[tuple[str, str]]:
    with transaction_for_system() as db:
        return [(row.email, row.reason) for row in mail.suppressed_addresses(db)]


@pytest.fixture
def verp(monkeypatch: pytest.MonkeyPatch, server: Sink) -> Sink:
    monkeypatch.setenv("EMAIL_BOUNCES_TO", "bounces@crm.example.org")
    settings.cache_clear()
    return server


def test_each_message_has_its_own_envelope_sender(verp: Sink) -> None:
    row = send_one()
    (envelope,) = verp.senders
    assert envelope == bounces.bounce_address(row.id)
    assert envelope.startswith(f"bounces+{row.id}.")
    assert verp.messages[0]["From"] == settings().email_from


def test_without_a_bounce_address_the_from_address_is_used(server: Sink) -> None:
    send_one()
    assert server.senders == ["post@harbour.example"]


@pytest.mark.parametrize("found_by", ["address", "message id"])
def test_an_unknown_address_is_suppressed(verp: Sink, found_by: str) -> None:
    row = send_one("Ruth@Example.org")
    if found_by == "address":
        raw = report(row, to=present(bounces.bounce_address(row.id)), quoted=False)
    else:
        raw = report(row)
    bounce = record_bounce(raw)
    assert bounce == mail.Bounce(
        "Ruth@Example.org", "It came back: 550 5.1.1 no such user here", suppressed=True
    )
    row = only_row()
    assert (row.state, row.error) == ("failed", bounce.reason)
    assert suppressed() == [("ruth@example.org", bounces.UNKNOWN_ADDRESS)]
    queue(2, to="RUTH@example.org")
    assert sender.send_waiting(now=NOW) == sender.Sent()
    assert [(outbox_row.state, outbox_row.error) for outbox_row in rows()[1:]] == [
        ("suppressed", bounces.UNKNOWN_ADDRESS)
    ] * 2
    # processing the same report again changes nothing
    assert not record_bounce(raw).suppressed


def test_a_forged_bounce_address_is_rejected(verp: Sink) -> None:
    row = send_one()
    forged = present(bounces.bounce_address(row.id)).replace(f"+{row.id}.", f"+{row.id + 1}.")
    with pytest.raises(NotFoundError):
        record_bounce(report(row, to=forged, quoted=False))
    assert only_row().state == "sent"


@pytest.mark.parametrize(("status", "state"), [("5.2.2", "failed"), ("4.2.2", "sent")])
def test_a_full_mailbox_is_not_suppressed(server: Sink, status: str, state: str) -> None:
    row = send_one()
    assert not record_bounce(report(row, status=status)).suppressed
    assert only_row().state == state
    assert suppressed() == []


def test_a_complaint_suppresses_the_address(server: Sink) -> None:
    row = send_one()
    message = MIMEMultipart("report", report_type="feedback-report")
    message["To"] = "complaints@example.org"
    part = MIMENonMultipart("text", "rfc822-headers")
    part.set_payload(f"Message-ID: {row.message_id}\n")
    message.attach(part)
    assert record_bounce(message.as_bytes()).suppressed
    assert suppressed() == [("ruth@example.org", bounces.COMPLAINT)]


def test_other_messages_are_not_reports(server: Sink) -> None:
    row = send_one()
    with pytest.raises(InvalidError):
        record_bounce(f"Subject: hello\nIn-Reply-To: x\n\nMessage-ID: {row.message_id}\n".encode())
    for raw in (b"", b"\xff\xfe\x00garbage", b"Subject: away\n\nI am on holiday."):
        with pytest.raises(NotFoundError):
            record_bounce(raw)
    assert only_row().state == "sent"


def test_a_5_1_1_reply_suppresses_the_address(server: Sink) -> None:
    server.refuses["gone@example.org"] = "550 5.1.1 unknown"
    server.refuses["full@example.org"] = "552 5.2.2 mailbox full"
    queue(to="gone@example.org")
    queue(to="full@example.org")
    assert sender.send_waiting(now=NOW).refused == 2
    assert suppressed() == [("gone@example.org", bounces.UNKNOWN_ADDRESS)]


def test_suppress_and_allow_an_address(server: Sink) -> None:
    with transaction_for_system() as db:
        assert mail.suppress_address(db, email=" Ruth@example.org", reason="Asked to.", now=NOW)
        assert not mail.suppress_address(db, email="ruth@example.org", reason="Again.", now=NOW)
        mail.allow_address(db, email="RUTH@example.org")
        with pytest.raises(NotFoundError):
            mail.allow_address(db, email="ruth@example.org")
    assert send_one().state == "sent"


def test_the_bounce_endpoint_requires_its_token(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, verp: Sink
) -> None:
    row = send_one()
    raw = report(row)
    path = "/api/v1/mail/bounces"
    assert client.post(path, content=raw).status_code == 404
    monkeypatch.setenv("BOUNCE_TOKEN", TOKEN)
    settings.cache_clear()
    for header in ("", "Bearer ", "Bearer wrong", TOKEN):
        response = client.post(path, content=raw, headers={"authorization": header})
        assert response.status_code == 404
    assert only_row().state == "sent"
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert client.post(path, content=b"x" * 600_000, headers=headers).status_code == 413
    assert client.post(path, content=b"no report", headers=headers).status_code == 404
    response = client.post(path, content=raw, headers=headers)
    assert response.json() == {"why": "It came back: 550 5.1.1 no such user here", "stopped": True}


@pytest.mark.parametrize(
    ("limit", "span"),
    [("EMAIL_MOST_A_MINUTE", timedelta(minutes=1)), ("EMAIL_MOST_A_DAY", timedelta(days=1))],
)
def test_rate_limits(
    server: Sink, monkeypatch: pytest.MonkeyPatch, limit: str, span: timedelta
) -> None:
    monkeypatch.setenv(limit, "3")
    settings.cache_clear()
    queue(8)

    def messages_sent(now: datetime) -> int:
        while sender.send_waiting(now=now) != sender.Sent():
            pass
        return len(server.messages)

    assert messages_sent(NOW) == 3
    assert messages_sent(NOW + span - timedelta(seconds=1)) == 3
    assert messages_sent(NOW + span) == 6
    assert messages_sent(NOW + 2 * span) == 8


def test_concurrent_senders_share_the_rate_limit(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages claimed by another sender count against the limit."""
    monkeypatch.setenv("EMAIL_MOST_A_DAY", "4")
    settings.cache_clear()
    queue(6)
    with transaction_for_system() as db:
        db.execute(
            text(
                "update outbox set state = 'sending', claimed_at = :now, claimed_by = 'other:1'"
                " where id in (select id from outbox order by id limit 3)"
            ),
            {"now": NOW},
        )
    assert sender.send_waiting(now=NOW).sent == 1
    assert sender.send_waiting(now=NOW) == sender.Sent()
