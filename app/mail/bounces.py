"""Bounces and complaints: find the message, mark it as failed, suppress the address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.db import Session
from app.db.models import OutboxMessage
from app.kit.errors import InvalidError, NotFoundError
from app.kit.security.signed_tokens import sign, verify
from app.mail import queries
from app.settings import settings

PURPOSE = "where a mail comes back to"
UNKNOWN_ADDRESS = "The mail server says that this address does not exist."
COMPLAINT = "Whoever has this address called our mail unwanted."
# an enhanced status code of RFC 3463: 5 is permanent, 4 is temporary
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_BOUNCE_ADDRESS = re.compile(r"\+(\d{1,18})\.([A-Za-z0-9_-]{20,60})@")
_MESSAGE_ID = re.compile(r"(?im)^message-id:\s*(<[^<>\s]{1,300}>)")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounced message: its recipient, the reason, and whether the address is now suppressed."""

    to_email: str
    reason: str
    suppressed: bool


def bounce_address(number: int) -> str | None:
    """Return the envelope sender of an outbox message, or None to use the From address."""
    name, _, host = settings().email_bounces_to.rpartition("@")
    if not name:
        return None
    return f"{name}+{sign(settings().signing_key, PURPOSE, number)}@{host}"


def is_unknown_mailbox(reply: str) -> bool:
    """Return whether a server's permanent failure means that the address is wrong (5.1.x)."""
    return any(
        match.group(1) == "5" and match.group(2) == "1" for match in _STATUS.finditer(reply)
    )


def record_bounce(db: Session, raw: bytes, *, now: datetime) -> Bounce:
    """Process a bounce report as the mail server sent it (RFC 3464), or a complaint.

    An invalid address (5.1.x), or one whose owner complains, is suppressed.

    Raises:
        InvalidError: it is no such report. NotFoundError: it is not about a message in the outbox.
    """
    report = message_from_bytes(raw, policy=policy.default)
    message = _find_message(db, report, raw)
    if message is None:
        msg = "This is about no message of ours."
        raise NotFoundError(msg)
    complaint = report.get_content_type() == "multipart/report" and "feedback-report" in str(
        report.get_param("report-type", "")
    )
    status = _status(report)
    if not complaint and status is None:
        msg = "This is no report about a message that came back."
        raise InvalidError(msg)
    final = complaint or (status is not None and status.startswith("5"))
    reason = COMPLAINT if complaint else f"It came back: {_diagnostic_text(report) or status}"
    if final:
        queries.record_bounce(db, message.id, reason=reason)
    # a full mailbox (5.2.x) can accept mail again later
    suppress = complaint or (status is not None and status.startswith("5.1."))
    suppressed = suppress and queries.suppress_address(
        db, message.to_email, reason=COMPLAINT if complaint else UNKNOWN_ADDRESS, now=now
    )
    return Bounce(message.to_email, reason, suppressed)


def _find_message(db: Session, report: EmailMessage, raw: bytes) -> OutboxMessage | None:
    for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To"):
        for value in report.get_all(name, []):
            match = _BOUNCE_ADDRESS.search(str(value))
            parts = match and verify(
                settings().signing_keys, PURPOSE, f"{match.group(1)}.{match.group(2)}"
            )
            if parts:
                return queries.by_id(db, int(parts[0]))
    # the report contains the headers of the message that was sent
    report_id = report["Message-ID"]
    for match in _MESSAGE_ID.finditer(raw.decode("utf-8", "replace")):
        if match.group(1) != report_id and (message := queries.by_message_id(db, match.group(1))):
            return message
    return None


def _status(report: EmailMessage) -> str | None:
    for part in _delivery_status_parts(report):
        match = _STATUS.search(str(part.get("Status", "")))
        if match:
            return match.group(0)
    return None


def _diagnostic_text(report: EmailMessage) -> str:
    for part in _delivery_status_parts(report):
        diagnostic = str(part.get("Diagnostic-Code", "")).partition(";")[2]
        if diagnostic.strip():
            return " ".join(diagnostic.split())[:300]
    return ""


def _delivery_status_parts(report: EmailMessage) -> Iterator[EmailMessage]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from part.get_payload()  # type: ignore[misc]
