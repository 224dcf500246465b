"""The timeline of a donor: every kind of event, filtered, searched and page by page."""

import json
from collections.abc import Iterator
from dataclasses import replace

from app.accounts import Actor
from app.db import Session
from app.donors import masking
from app.donors.consent import PURPOSES
from app.donors.history import queries
from app.donors.history.results import (
    EVENT_KINDS,
    TimelineCursor,
    TimelineFilter,
    TimelineLine,
    TimelinePage,
)
from app.donors.queries import detail as detail_queries
from app.donors.read_model import require_visible
from app.donors.rules import CHANNELS
from app.kit import names, text
from app.kit.dates import cadence
from app.kit.errors import InvalidError

PAGE_SIZE = 50
# rows read at once where a search compares what the actor sees
BATCH = 500
# the free text of these events may contain the donor's name
_MASKED_SENTENCES = {
    "task": "A task",
    "change": "A change",
    "relation": "A change of the household or of a relation",
    "thanks": "Thanked for a gift.",
}
_EVERYTHING = TimelineFilter()


def timeline(
    db: Session,
    actor: Actor,
    donor_id: int,
    *,
    filter: TimelineFilter = _EVERYTHING,  # noqa: A002
    after: TimelineCursor | None = None,
    limit: int = PAGE_SIZE,
) -> TimelinePage:
    """Return a page of a donor's timeline, newest first.

    The search finds events whose text, as the actor sees it, has every word.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
        InvalidError: an unknown kind, or a search text that is too long.
    """
    require_visible(db, actor, donor_id)
    unknown = set(filter.kinds) - set(EVENT_KINDS)
    if unknown:
        msg = f"“{min(unknown)}” is not a kind of event."
        raise InvalidError(msg)
    found: list[tuple[queries.TimelineRow, TimelineLine]] = []
    for event in _events(db, actor, donor_id, filter, after, limit):
        if len(found) == limit:
            return TimelinePage([line for _, line in found], _cursor(found[-1][0]))
        found.append(event)
    return TimelinePage([line for _, line in found], None)


def _events(
    db: Session,
    actor: Actor,
    donor_id: int,
    wanted: TimelineFilter,
    after: TimelineCursor | None,
    limit: int,
) -> Iterator[tuple[queries.TimelineRow, TimelineLine]]:
    """Yield the events that match, each with the line that the actor sees."""
    words = names.search_text(text.search(wanted.find)).split()
    name_hidden = detail_queries.is_hidden(db, actor, donor_id)
    # compared with what the line shows: the database would find words that it does not show
    masked = bool(words) and (name_hidden or not actor.sees_amounts)
    most = BATCH if masked else limit + 1
    while True:
        rows = queries.timeline(
            db,
            donor_id,
            words=[] if masked else words,
            zone=actor.time_zone,
            intervals=json.dumps(cadence.INTERVALS),
            purposes=json.dumps(PURPOSES),
            channels=json.dumps(CHANNELS),
            sees_amounts=actor.sees_amounts,
            kinds=list(wanted.kinds),
            on_day=after and after.on,
            at=after and after.at,
            sort_kind=after and after.kind,
            id=after and after.record_id,
            most=most,
        )
        for row in rows:
            line = _line(actor, row, name_hidden=name_hidden)
            if not masked or _has(line, words):
                yield row, line
        if len(rows) < most:
            return
        after = _cursor(rows[-1])


def _cursor(row: queries.TimelineRow) -> TimelineCursor:
    return TimelineCursor(row.on_day, row.at, row.sort_kind, row.id)


def _line(actor: Actor, row: queries.TimelineRow, *, name_hidden: bool) -> TimelineLine:
    line = TimelineLine(
        on=row.on_day,
        at=row.at,
        kind=row.kind,
        sentence=masking.free_text(actor, row.sentence) or "",
        detail=masking.free_text(actor, row.detail),
        user_name=row.user_name,
        amount=masking.amount_or_none(actor, row.amount_minor, row.currency),
        contact_id=row.id if row.kind == "contact" else None,
    )
    if not name_hidden:
        return line
    # free text could name the donor
    sentence = _MASKED_SENTENCES.get(line.kind, line.sentence)
    return replace(line, sentence=sentence, detail=None)


def _has(line: TimelineLine, words: list[str]) -> bool:
    shown = names.search_text(line.sentence, line.detail, line.user_name)
    return all(word in shown for word in words)
