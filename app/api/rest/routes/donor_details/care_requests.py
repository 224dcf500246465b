"""API routes for prayer and care requests: list, note, change, answer, reopen, delete."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import care_requests
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Done,
    Id,
    InPath,
    Made,
    Note,
    Paged,
    QueryId,
)
from app.api.rest.schemas.donors import Version
from app.care_requests import CareRequestLine

router = APIRouter(prefix="/requests", tags=["requests"])

TEXT = "What is asked."
ASKED = "Day on which it was asked; today by default."


class Requests(Paged):
    """Filter and page of a list of requests."""

    state: Literal["open", "answered"] = Field("open", description="Which requests.")
    donor_id: QueryId | None = Field(
        None, description="All requests of this donor instead, open ones first."
    )


class NewRequest(Body):
    """A request to note."""

    donor_id: Id = Field(description="The donor who asks.")
    text: Note = Field(description=TEXT, examples=["Her mother's operation"])
    asked_on: Day | None = Field(None, description=ASKED, examples=["2026-11-23"])


class ChangedRequest(Body):
    """Another text and day of a request."""

    version: Version
    text: Note = Field(description=TEXT)
    asked_on: Day = Field(description="Day on which it was asked.", examples=["2026-11-23"])


class RequestAnswer(Body):
    """How a request was answered, and when."""

    version: Version
    answer: Note | None = Field(None, description="How it was answered.")
    answered_on: Day | None = Field(None, description="Today by default.", examples=["2026-11-30"])


class RequestVersion(Body):
    """The version of a request that was read."""

    version: Version


class DeletedRequest(Body):
    """The version of the request to delete."""

    version: Annotated[int, Field(ge=1, description="The version that was read.")]


class CareRequest(Answer):
    """A prayer or care request."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    text: str = Field(description="Empty where you may not see the donor's name.")
    asked_on: date
    answered_on: date | None = Field(description="null: it is open.")
    answer: str | None


class RequestList(Answer):
    """A page of requests: open ones from the oldest, answered ones from the latest."""

    items: list[CareRequest]
    next: str | None = Field(
        description="Send it as `after` for the next page; null at the end and with `donor_id`."
    )


@router.get("", summary="List requests", operation_id="list_requests")
def listed(actor: CurrentActor, query: Annotated[Requests, Query()]) -> RequestList:
    """Return a page of the requests of the donors that you see, or those of one donor."""
    donor_id = query.donor_id
    if donor_id is not None:
        lines = read_only(actor, lambda db: care_requests.for_donor(db, actor, donor_id=donor_id))
        return RequestList(items=[_to_request(line) for line in lines], next=None)
    after = (
        cursors.decode_cursor(f"requests {query.state}", query.after, tuple[date, int])
        if query.after
        else None
    )
    page = read_only(
        actor,
        lambda db: care_requests.page(
            db, actor, answered=query.state == "answered", limit=query.limit, after=after
        ),
    )
    key = page.next
    following = key and cursors.encode_cursor(f"requests {query.state}", str(key[0]), key[1])
    return RequestList(items=[_to_request(line) for line in page.lines], next=following)


@router.post("", status_code=201, summary="Note a request", operation_id="add_request")
def add(actor: CurrentActor, body: NewRequest, once: OnlyOnce) -> Made:
    """Note what a donor asks to be remembered for."""

    def make() -> Made:
        day = today(actor)
        return Made(
            id=care_requests.add(
                db,
                actor,
                donor_id=body.donor_id,
                text=body.text,
                asked_on=body.asked_on or day,
                today=day,
            )
        )

    with work(actor) as db:
        return once(db, actor, body, Made, make)


@router.patch("/{id}", summary="Change a request", operation_id="change_request")
def change(actor: CurrentActor, id: InPath, body: ChangedRequest) -> Done:  # noqa: A002
    """Save another text and day of a request."""
    with work(actor) as db:
        care_requests.change(
            db,
            actor,
            request_id=id,
            version=body.version,
            text=body.text,
            asked_on=body.asked_on,
            today=today(actor),
        )
    return Done()


@router.post("/{id}/answer", summary="Answer a request", operation_id="answer_request")
def answer(actor: CurrentActor, id: InPath, body: RequestAnswer) -> Done:  # noqa: A002
    """Mark a request as answered; on an answered one, correct its answer."""
    day = today(actor)
    with work(actor) as db:
        care_requests.answer(
            db,
            actor,
            request_id=id,
            version=body.version,
            answer=body.answer,
            answered_on=body.answered_on or day,
            today=day,
        )
    return Done()


@router.post("/{id}/reopen", summary="Reopen a request", operation_id="reopen_request")
def reopen(actor: CurrentActor, id: InPath, body: RequestVersion) -> Done:  # noqa: A002
    """Mark an answered request as open; the note on its answer is deleted."""
    with work(actor) as db:
        care_requests.reopen(db, actor, request_id=id, version=body.version)
    return Done()


@router.delete("/{id}", summary="Delete a request", operation_id="delete_request")
def delete(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    query: Annotated[DeletedRequest, Query()],
) -> Done:
    """Delete a request and its answer."""
    with work(actor) as db:
        care_requests.remove(db, actor, request_id=id, version=query.version)
    return Done()


def _to_request(line: CareRequestLine) -> CareRequest:
    return CareRequest(
        id=line.request_id,
        version=line.version,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        text=line.text,
        asked_on=line.asked_on,
        answered_on=line.answered_on,
        answer=line.answer,
    )
