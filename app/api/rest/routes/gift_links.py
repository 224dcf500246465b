"""API routes for links between gifts and pledges: suggest, link, unlink, refuse."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app import gifts
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Done, Id, InPath, QueryId

router = APIRouter(prefix="/gifts", tags=["gifts"])

MOST_REFUSED = 50


class Suggestions(Body):
    """Filter of the suggestions; by default gifts of the last twelve months."""

    donor_id: QueryId | None = Field(None, description="Gifts of one donor, of any date.")
    pledge_id: QueryId | None = Field(None, description="Gifts that may pay one pledge.")
    import_id: QueryId | None = Field(None, description="Gifts of one import.")
    owner_id: QueryId | None = Field(None, description="Gifts of donors of this owner.")


class Suggestion(Answer):
    """A gift without a pledge, and the pledges it may pay."""

    gift_id: int
    donor_id: int
    donor_name: str
    amount: str = Field(description="Amount after reversals.", examples=["50.00"])
    currency: str = Field(examples=["USD"])
    date: date
    pledge_ids: list[int] = Field(description="Candidate pledges.")


class SuggestionList(Answer):
    """The newest suggestions first; link or refuse them, then request more."""

    items: list[Suggestion]


class Link(Body):
    """The pledge that a gift pays."""

    pledge_id: Id = Field(
        description="A pledge of the donor or the donor's household.", examples=[1]
    )


class Refusal(Body):
    """The pledges a gift does not pay."""

    pledge_ids: list[Id] = Field(
        description="Pledges of the donor or the donor's household.",
        examples=[[1]],
        min_length=1,
        max_length=MOST_REFUSED,
    )


@router.get(
    "/suggestions",
    summary="List gifts that may belong to a pledge",
    operation_id="list_suggestions",
)
def suggestions(actor: CurrentActor, query: Annotated[Suggestions, Query()]) -> SuggestionList:
    """Return at most 200 gifts you may link, the newest first, without decided ones."""
    suggested = read_only(
        actor,
        lambda db: gifts.suggestions(
            db,
            actor,
            today=today(actor),
            donor_id=query.donor_id,
            pledge_id=query.pledge_id,
            import_run_id=query.import_id,
            owner_id=query.owner_id,
        ),
    )
    return SuggestionList(items=[_to_suggestion(suggestion) for suggestion in suggested])


@router.post("/{id}/link", summary="Link a gift to a pledge", operation_id="link_gift")
def link(actor: CurrentActor, id: InPath, body: Link, once: OnlyOnce) -> Done:  # noqa: A002
    """Link a gift to the pledge it pays, and update the pledge's status and alert."""

    def make() -> Done:
        gifts.link(db, actor, gift_id=id, pledge_id=body.pledge_id, today=today(actor), now=now())
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/{id}/unlink", summary="Unlink a gift from its pledge", operation_id="unlink_gift")
def unlink(actor: CurrentActor, id: InPath, once: OnlyOnce) -> Done:  # noqa: A002
    """Unlink a gift from its pledge; imports do not link the two again."""

    def make() -> Done:
        gifts.unlink(db, actor, gift_id=id, today=today(actor), now=now())
        return Done()

    with work(actor) as db:
        return once(db, actor, Body(), Done, make)


@router.post("/{id}/refuse", summary="Refuse a suggestion", operation_id="refuse_suggestion")
def refuse(actor: CurrentActor, id: InPath, body: Refusal, once: OnlyOnce) -> Done:  # noqa: A002
    """Refuse to link a gift to these pledges; it is not suggested for them again."""

    def make() -> Done:
        gifts.refuse(db, actor, gift_id=id, pledge_ids=body.pledge_ids)
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


def _to_suggestion(suggestion: gifts.Suggestion) -> Suggestion:
    return Suggestion(
        gift_id=suggestion.gift_id,
        donor_id=suggestion.donor_id,
        donor_name=suggestion.donor_name,
        amount=str(suggestion.amount),
        currency=suggestion.amount.currency,
        date=suggestion.on,
        pledge_ids=list(suggestion.pledge_ids),
    )
