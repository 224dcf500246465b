"""Bounces and complaints: find the message, mark it as failed, suppress the address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from app.db import Session
from app.kit.errors import InvalidError, NotFoundError
from app.kit.signed_tokens import sign, verify
from app.mail import queries
from app.settings import settings

PURPOSE = "where a mail comes back to"
UNKNOWN = "The mail server says that this address does not exist."
COMPLAINED = "Whoever has this address called our mail unwanted."
# an enhanced status code of RFC 3463: 5 is permanent, 4 is temporary
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_OURS = re.compile(r"\+(\d{1,18})\.([A-Za-z0-9_-]{20,60})@")
_MESSAGE_ID = re.compile(r"(?im)^message-id:\s*(<[^<>\s]{1,300}>)")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounced message: its recipient, the reason, and whether the address is now suppressed."""

    to_email: str
    why: str
    stopped: bool


def bounce_address(number: int) -> str | None:
    """Return the envelope sender of an outbox message, or None to use the From address."""
    name, _, host = settings().email_bounces_to.rpartition("@")
    if not name:
        return None
    return f"{name}+{sign(settings().signing_key, PURPOSE, number)}@{host}"


def is_unknown_mailbox(answer: str) -> bool:
    """Return whether a server's permanent failure means that the address is wrong (5.1.x)."""
    return any(one.group(1) == "5" and one.group(2) == "1" for one in _STATUS.finditer(answer))


def record_bounce(db: Session, raw: bytes, *, now: datetime) -> Bounce:
    """Process a bounce report as the mail server sent it (RFC 3464), or a complaint.

    An invalid address (5.1.x), or one whose owner complains, is suppressed.

    Raises:
        InvalidError: it is no such report. NotFoundError: it is not about a message in the outbox.
    """
    report = message_from_bytes(raw, policy=policy.default)
    found = _about(db, report, raw)
    if found is None:
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
    why = COMPLAINED if complaint else f"It came back: {_words(report) or status}"
    if final:
        queries.record_bounce(db, found.id, why=why)
    # a full mailbox (5.2.x) can accept mail again later
    stop = complaint or (status is not None and status.startswith("5.1."))
    stopped = stop and queries.stop(
        db, found.to_email, reason=COMPLAINED if complaint else UNKNOWN, now=now
    )
    return Bounce(found.to_email, why, stopped)


def _about(db: Session, report: EmailMessage, raw: bytes) -> Any:
    for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To"):
        for value in report.get_all(name, []):
            mark = _OURS.search(str(value))
            parts = mark and verify(
                settings().signing_keys, PURPOSE, f"{mark.group(1)}.{mark.group(2)}"
            )
            if parts:
                return queries.by_number(db, int(parts[0]))
    # the report contains the headers of the message that was sent
    own = report["Message-ID"]
    for mark in _MESSAGE_ID.finditer(raw.decode("utf-8", "replace")):
        if mark.group(1) != own and (found := queries.by_message_id(db, mark.group(1))):
            return found
    return None


def _status(report: EmailMessage) -> str | None:
    for part in _delivery(report):
        mark = _STATUS.search(str(part.get("Status", "")))
        if mark:
            return mark.group(0)
    return None


def _words(report: EmailMessage) -> str:
    for part in _delivery(report):
        said = str(part.get("Diagnostic-Code", "")).partition(";")[2]
        if said.strip():
            return " ".join(said.split())[:300]
    return ""


def _delivery(report: EmailMessage) -> Iterator[EmailMessage]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            yield from part.get_payload()  # type: ignore[misc]
