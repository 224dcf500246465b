"""Results of a donor's history: lines of the timeline, its filter and cursor, and a contact."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime

from app.kit.money import Money

# what the timeline can be limited to; a gift's reversal is of the kind "gift"
EVENT_KINDS = (
    "gift",
    "pledge",
    "contact",
    "thanks",
    "task",
    "request",
    "consent",
    "relation",
    "soft credit",
    "change",
)


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """The filter of a timeline: some of EVENT_KINDS, empty means all, and a search text."""

    kinds: tuple[str, ...] = ()
    find: str = ""


@dataclass(frozen=True, slots=True)
class TimelineCursor:
    """Cursor for keyset pagination: the day, moment, kind and id of the last event."""

    on: date
    at: datetime
    kind: str
    record_id: int


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One event of the timeline; `on` is the day, `at` the moment if known."""

    on: date
    at: datetime | None
    kind: str
    sentence: str
    detail: str | None = None
    user_name: str | None = None
    amount: Money | None = None
    # of a logged contact, which can be changed and deleted
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of a timeline, newest first; `next` is None at the end."""

    lines: list[TimelineLine]
    next: TimelineCursor | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A logged contact as whoever may change it reads it."""

    contact_id: int
    donor_id: int
    kind: str
    text: str | None
    at: datetime

    @property
    def version(self) -> str:
        """Return a text that differs once any of the values differs."""
        content = json.dumps([self.kind, self.text, self.at.timestamp()])
        return hashlib.sha256(content.encode()).hexdigest()[:16]
