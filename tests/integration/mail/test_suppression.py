"""Who is not to be written to, and how much leaves: bounces, stopped addresses, limits."""

from datetime import timedelta
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart

import pytest
from sqlalchemy import text

from app import mail
from app.db import transaction, transaction_for_system
from app.kit.errors import InvalidError, NotFoundError
from app.mail import bounces, sender
from app.settings import settings
from tests.integration.api.test_routes import client
from tests.integration.mail.test_outbox import NOW, only_row, queue, rows, server

__all__ = ["client", "server"]
TOKEN = "a token of the mail provider, long enough"


def report(row, *, status="5.1.1", to="postmaster@example.org", quoted=True, said=None):
    """A message as a mail server sends back what it could not deliver (RFC 3464)."""
    whole = MIMEMultipart("report", report_type="delivery-status")
    whole["To"] = to
    whole["From"] = "MAILER-DAEMON@mx.example.net"
    whole["Message-ID"] = "<of-the-report@mx.example.net>"
    note = MIMENonMultipart("text", "plain")
    note.set_payload("I could not deliver this.")
    delivery = EmailMessage()
    delivery["Content-Type"] = "message/delivery-status"
    about, one = EmailMessage(), EmailMessage()
    about["Reporting-MTA"] = "dns; mx.example.net"
    one["Final-Recipient"] = f"rfc822; {row.to_email}"
    one["Status"] = status
    one["Diagnostic-Code"] = said or f"smtp; 550 {status} no such user here"
    delivery.set_payload([about, one])
    whole.attach(note)
    whole.attach(delivery)
    if quoted:
        headers = MIMENonMultipart("text", "rfc822-headers")
        headers.set_payload(f"Message-ID: {row.message_id}\nSubject: {row.subject}\n")
        whole.attach(headers)
    return whole.as_bytes()


def sent(to="ruth@example.org"):
    queue(to=to)
    sender.send_waiting(now=NOW)
    return next(row for row in rows() if row.to_email == to)


def take_back(raw):
    with transaction_for_system() as db:
        return mail.record_bounce(db, raw, now=NOW)


def stopped():
    with transaction_for_system() as db:
        return [(one.email, one.reason) for one in mail.suppressed_addresses(db)]


@pytest.fixture
def verp(monkeypatch, server):
    monkeypatch.setenv("EMAIL_BOUNCES_TO", "bounces@crm.example.org")
    settings.cache_clear()
    return server


def test_each_message_leaves_from_an_address_of_its_own(verp):
    row = sent()
    (envelope,) = verp.senders
    assert envelope == bounces.bounce_address(row.id)
    assert envelope.startswith(f"bounces+{row.id}.")
    assert verp.messages[0]["From"] == settings().email_from


def test_without_a_bounce_address_it_is_the_senders_own(server):
    sent()
    assert server.senders == ["post@harbour.example"]


@pytest.mark.parametrize("by", ["address", "message id"])
def test_an_address_that_does_not_exist_is_sent_nothing_more(verp, by):
    row = sent("Ruth@Example.org")
    if by == "address":
        raw = report(row, to=bounces.bounce_address(row.id), quoted=False)
    else:
        raw = report(row)
    found = take_back(raw)
    assert found == mail.Bounce(
        "Ruth@Example.org", "It came back: 550 5.1.1 no such user here", stopped=True
    )
    row = only_row()
    assert (row.state, row.error) == ("failed", found.why)
    assert stopped() == [("ruth@example.org", bounces.UNKNOWN)]
    queue(2, to="RUTH@example.org")
    assert sender.send_waiting(now=NOW) == sender.Sent()
    assert [(one.state, one.error) for one in rows()[1:]] == [("suppressed", bounces.UNKNOWN)] * 2
    # the same report once more changes nothing
    assert not take_back(raw).stopped


def test_a_forged_address_to_come_back_to_is_none(verp):
    row = sent()
    forged = bounces.bounce_address(row.id).replace(f"+{row.id}.", f"+{row.id + 1}.")
    with pytest.raises(NotFoundError):
        take_back(report(row, to=forged, quoted=False))
    assert only_row().state == "sent"


@pytest.mark.parametrize(("status", "state"), [("5.2.2", "failed"), ("4.2.2", "sent")])
def test_a_full_mailbox_is_written_to_again(server, status, state):
    row = sent()
    assert not take_back(report(row, status=status)).stopped
    assert only_row().state == state
    assert stopped() == []


def test_a_complaint_stops_the_address(server):
    row = sent()
    whole = MIMEMultipart("report", report_type="feedback-report")
    whole["To"] = "complaints@example.org"
    part = MIMENonMultipart("text", "rfc822-headers")
    part.set_payload(f"Message-ID: {row.message_id}\n")
    whole.attach(part)
    assert take_back(whole.as_bytes()).stopped
    assert stopped() == [("ruth@example.org", bounces.COMPLAINED)]


def test_what_is_no_report_changes_nothing(server):
    row = sent()
    with pytest.raises(InvalidError):
        take_back(f"Subject: hello\nIn-Reply-To: x\n\nMessage-ID: {row.message_id}\n".encode())
    for raw in (b"", b"\xff\xfe\x00garbage", b"Subject: away\n\nI am on holiday."):
        with pytest.raises(NotFoundError):
            take_back(raw)
    assert only_row().state == "sent"


def test_a_server_that_knows_no_such_address_stops_it_at_once(server):
    server.refuses["gone@example.org"] = "550 5.1.1 unknown"
    server.refuses["full@example.org"] = "552 5.2.2 mailbox full"
    queue(to="gone@example.org")
    queue(to="full@example.org")
    assert sender.send_waiting(now=NOW).refused == 2
    assert stopped() == [("gone@example.org", bounces.UNKNOWN)]


def test_an_address_is_allowed_again_by_hand(server):
    with transaction_for_system() as db:
        assert mail.suppress_address(db, email=" Ruth@example.org", reason="Asked to.", now=NOW)
        assert not mail.suppress_address(db, email="ruth@example.org", reason="Again.", now=NOW)
        mail.allow_address(db, email="RUTH@example.org")
        with pytest.raises(NotFoundError):
            mail.allow_address(db, email="ruth@example.org")
    assert sent().state == "sent"


def test_the_provider_passes_on_with_its_token_and_nobody_without(client, monkeypatch, verp):
    row = sent()
    raw = report(row)
    path = "/api/v1/mail/bounces"
    assert client.post(path, content=raw).status_code == 404
    monkeypatch.setenv("BOUNCE_TOKEN", TOKEN)
    settings.cache_clear()
    for wrong in ("", "Bearer ", "Bearer wrong", TOKEN):
        got = client.post(path, content=raw, headers={"authorization": wrong})
        assert got.status_code == 404
    assert only_row().state == "sent"
    right = {"authorization": f"Bearer {TOKEN}"}
    assert client.post(path, content=b"x" * 600_000, headers=right).status_code == 413
    assert client.post(path, content=b"no report", headers=right).status_code == 404
    got = client.post(path, content=raw, headers=right)
    assert got.json() == {"why": "It came back: 550 5.1.1 no such user here", "stopped": True}


@pytest.mark.parametrize(
    ("limit", "span"),
    [("EMAIL_MOST_A_MINUTE", timedelta(minutes=1)), ("EMAIL_MOST_A_DAY", timedelta(days=1))],
)
def test_no_more_leaves_than_the_provider_takes(server, monkeypatch, limit, span):
    monkeypatch.setenv(limit, "3")
    settings.cache_clear()
    queue(8)

    def left(now):
        while sender.send_waiting(now=now) != sender.Sent():
            pass
        return len(server.messages)

    assert left(NOW) == 3
    assert left(NOW + span - timedelta(seconds=1)) == 3
    assert left(NOW + span) == 6
    assert left(NOW + 2 * span) == 8


def test_senders_keep_the_limit_together(server, monkeypatch):
    """What another sender holds counts as gone."""
    monkeypatch.setenv("EMAIL_MOST_A_DAY", "4")
    settings.cache_clear()
    queue(6)
    with transaction() as db:
        db.execute(
            text(
                "update outbox set state = 'sending', claimed_at = :now, claimed_by = 'other:1'"
                " where id in (select id from outbox order by id limit 3)"
            ),
            {"now": NOW},
        )
    assert sender.send_waiting(now=NOW).sent == 1
    assert sender.send_waiting(now=NOW) == sender.Sent()
