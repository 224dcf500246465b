"""From a row of the outbox to a message as servers read it."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime


def build(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    message_id: str,
    at: datetime,
    headers: Mapping[str, str],
) -> EmailMessage:
    """Build a message with a text part and, beside it, an HTML part."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    # a line break in a subject would begin a header of its own
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message
