"""The outbox screen: waiting, sent and failed messages; a failed one is sent again."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import OutboxMessage
from app.mail import (
    LateMail,
    Line,
    PasswordMail,
    late_pledge_alert,
    outbox,
    send_waiting,
)
from tests import factories as make
from tests.pages.conftest import html_bodies, html_tables, page_text, press_row

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MAIL = PasswordMail(
    "Your new password", "Ruth", "Harbour", "https://crm.example.org/reset?code=secret"
)


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada Lindqvist")


@pytest.fixture
def messages(ada: Actor) -> None:
    with transaction_for_system() as db:
        for state in ("sent", "queued", "failed"):
            outbox.queue(
                db,
                key=state,
                name="password_reset",
                to=f"{state}@example.org",
                user_id=None,
                mail=MAIL,
                now=NOW,
            )
            db.execute(
                text("update outbox set state = :state, tries = 1 where key = :state"),
                {"state": state},
            )
        db.execute(text("update outbox set error = '550 <b>No</b>' where key = 'failed'"))
        db.execute(text("update outbox set sent_at = now() where key = 'sent'"))


def recipient_lists(page: AppTest) -> list[list[str]]:
    return [table["To"] for table in html_tables(page)]


def test_an_empty_outbox_has_a_placeholder(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("outbox", ada)

    assert not page.exception
    assert "0 messages waiting" in page_text(page)
    assert "The first weekly summary will appear here" in page_text(page)


def test_every_message_is_listed_without_its_text(
    screen: Callable[..., AppTest], ada: Actor, messages: None
) -> None:
    page = screen("outbox", ada)

    assert not page.exception
    assert "1 message waiting · 1 sent · 1 failed" in page_text(page)
    assert recipient_lists(page) == [
        ["failed@example.org", "queued@example.org", "sent@example.org"]
    ]
    assert "secret" not in page_text(page)
    assert "550 &lt;b&gt;No" in "".join(html_bodies(page))


def test_a_row_opens_its_message_without_the_secret_of_its_link(
    screen: Callable[..., AppTest], ada: Actor, messages: None
) -> None:
    page = screen("outbox", ada)
    with transaction_for_system() as db:
        failed = db.scalars(select(OutboxMessage).where(OutboxMessage.key == "failed")).one()
    page = press_row(page, "Open", key="outbox", row=str(failed.id))
    assert not page.exception
    opened = page_text(page).replace("\\", "")
    assert "**Your new password**" in opened
    assert "To failed@example.org" in opened
    assert "Failed · written" in opened
    assert "550 <b>No</b>" in opened
    (code,) = page.code
    assert "Hello Ruth" in code.value
    assert "https://crm.example.org/reset?code=…" in code.value
    assert "secret" not in code.value
    assert not page.run().code


@pytest.mark.parametrize(
    ("state_filter", "recipients"),
    [("Waiting", [["queued@example.org"]]), ("Suppressed", []), ("Sent", [["sent@example.org"]])],
)
def test_the_list_is_filtered(
    screen: Callable[..., AppTest],
    ada: Actor,
    messages: None,
    state_filter: str,
    recipients: list[list[str]],
) -> None:
    assert recipient_lists(screen("outbox", ada, show=state_filter)) == recipients


def test_a_failed_message_is_sent_again(
    screen: Callable[..., AppTest], ada: Actor, messages: None
) -> None:
    page = screen("outbox", ada, show="Failed")

    next(button for button in page.button if button.label == "Send again").click().run()

    assert not page.exception
    with transaction_for_system() as db:
        row = db.scalars(select(OutboxMessage).where(OutboxMessage.key == "failed")).one()
    assert (row.state, row.tries, row.error) == ("queued", 0, None)
    assert "No e-mail has failed" in page_text(page)


def test_it_is_for_administrators(
    screen: Callable[..., AppTest], ada: Actor, messages: None
) -> None:
    with transaction_for_system() as db:
        ruth = make.person(db)

    page = screen("outbox", ruth)

    assert page.exception
    assert recipient_lists(page) == []


def test_a_mail_not_sent_to_a_user_who_never_signed_in_has_a_reason(
    screen: Callable[..., AppTest], ada: Actor
) -> None:
    with transaction_for_system() as db:
        ivo = make.person(db, last_sign_in_at=None)
        line = Line("Mara Vogel", "83 days late.", "https://crm.example.org/donor?id=1")
        late = LateMail("Mara Vogel is late", "Ivo", "Harbour", line, "$50 a month", "", "")
        late_pledge_alert(db, key="late", to=ivo.email, user_id=ivo.user_id, mail=late, now=NOW)
    send_waiting(now=NOW)
    page = screen("outbox", ada, show="Suppressed")
    (table,) = html_tables(page)
    row = table.row(0)
    assert row["Status"] == "not sent"
    assert row["Last answer"] == "This person has not signed in yet: only the invitation is sent."
