"""API route for the timeline of a donor."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import donors
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, read_only
from app.api.rest.schemas.common import Answer, InPath, Line, Paged, Sum, total

router = APIRouter(prefix="/donors", tags=["donors"])

EventKind = Literal[
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
]


class Timeline(Paged):
    """Filter and page of a timeline."""

    show: list[EventKind] = Field(
        default=[],
        description="Kinds of events, all by default; the parameter may be repeated.",
        max_length=10,
    )
    find: Line = Field("", description="Words that the text of an event must contain all.")


class TimelineEvent(Answer):
    """One event of a timeline."""

    on: date
    at: datetime | None
    kind: str = Field(description="One of the kinds of `show`, or “reversal” of a gift.")
    sentence: str
    detail: str | None = Field(description="Free text; null where you may not read it.")
    by: str | None = Field(description="Name of the user.")
    amount: Sum | None
    contact_id: int | None = Field(description="ID of a logged contact.")


class TimelineList(Answer):
    """A page of a timeline, newest first."""

    items: list[TimelineEvent]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


@router.get("/{id}/timeline", summary="Read a timeline", operation_id="read_timeline")
def timeline(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    query: Annotated[Timeline, Query()],
) -> TimelineList:
    """Return what happened with a donor: every kind of event, newest first."""
    kind = f"timeline {id}"
    after = query.after and cursors.decode_cursor(
        kind, query.after, tuple[date, datetime, str, int]
    )
    page = read_only(
        actor,
        lambda db: donors.timeline(
            db,
            actor,
            id,
            filter=donors.TimelineFilter(tuple(query.show), query.find),
            after=donors.TimelineCursor(*after) if after else None,
            limit=query.limit,
        ),
    )
    last = page.next
    return TimelineList(
        items=[_event(actor, line) for line in page.lines],
        next=cursors.encode_cursor(
            kind, str(last.on), last.at.isoformat(), last.kind, last.record_id
        )
        if last
        else None,
    )


def _event(actor: Actor, line: donors.TimelineLine) -> TimelineEvent:
    return TimelineEvent(
        on=line.on,
        at=line.at,
        kind=line.kind,
        sentence=line.sentence,
        detail=line.detail,
        by=line.user_name,
        amount=total(actor, line.amount),
        contact_id=line.contact_id,
    )
