"""Build an e-mail message from the fields of an outbox row."""

from collections.abc import Mapping
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.mail.errors import RefusedError


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
    """Build a message with a text part and, if `html` is given, an alternative HTML part.

    Raises:
        RefusedError: the recipient's address is invalid.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    try:
        message["To"] = Address(addr_spec=to)
    except (ValueError, HeaderParseError) as error:
        msg = f"“{to}” is not an e-mail address."
        raise RefusedError(msg) from error
    # a line break in a subject would start another header (header injection)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    for name, value in headers.items():
        message[name] = value
    # quoted-printable is 7-bit with short lines, which any server accepts unchanged
    message.set_content(text, cte="quoted-printable")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message
