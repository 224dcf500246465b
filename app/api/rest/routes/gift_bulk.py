"""API routes for changes of many gifts at once: thanks, and another fund."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.accounts import Actor
from app.api.rest.dependencies import CurrentActor, now, read_only, work
from app.api.rest.schemas.common import Answer, Body, Id, Yes
from app.kit.payment_methods import ThankedHow

router = APIRouter(prefix="/gifts", tags=["gifts"])

GiftIds = Annotated[
    list[Id],
    Field(description="IDs of gifts.", min_length=1, max_length=gifts.MOST_AT_ONCE),
]


class ManyThanks(Body):
    """The gifts to mark as thanked."""

    gift_ids: GiftIds
    how: ThankedHow | None = Field(None, description="Channel of the thanks.")
    preview: Yes = Field(default=False, description="True changes nothing.")


class ManyFunds(Body):
    """The gifts to give another fund."""

    gift_ids: GiftIds
    fund_id: Id | None = Field(description="The new fund; null: no fund.")
    preview: Yes = Field(default=False, description="True changes nothing.")


class Aside(Answer):
    """Gifts that were left aside for one reason."""

    reason: str = Field(examples=["split"])
    gifts: int = Field(description="Number of gifts.")


class Before(Answer):
    """A gift and the fund that it had before."""

    gift_id: int
    fund_id: int | None


class ManyChanged(Answer):
    """The gifts that were changed, or with `preview` will be, and those left aside."""

    gift_ids: list[int]
    left_aside: list[Aside] = Field(
        description="Gifts left aside, by reason: “others” (not yours to change, or missing),"
        " “reversal”, “thanked” (before), “same fund”, “no fund” (already), “taken back”,"
        " “split” (over funds), “receipt” (with a number)."
    )
    sentence: str = Field(examples=["Changed the fund of 12 of 14 gifts: 2 are split over funds."])


class ManyMoved(ManyChanged):
    """The gifts that got another fund, those left aside, and the funds from before."""

    before: list[Before] = Field(description="The fund of each changed gift; empty in a preview.")


@router.post("/thank", summary="Mark gifts as thanked", operation_id="thank_gifts")
def thank(actor: CurrentActor, body: ManyThanks) -> ManyChanged:
    """Mark gifts as thanked in one step; repeating the request has no effect.

    Left aside are gifts that you may not change, that were thanked for before or taken back, and
    reversals.
    """
    outcome = _outcome(actor, body, gifts.Thanks(body.how))
    return ManyChanged(
        gift_ids=list(outcome.changed),
        left_aside=_aside(outcome),
        sentence=_sentence(outcome, body),
    )


@router.post("/fund", summary="Change the fund of gifts", operation_id="change_fund_of_gifts")
def move(actor: CurrentActor, body: ManyFunds) -> ManyMoved:
    """Give gifts another fund in one step; repeating the request has no effect.

    Left aside are gifts that you may not change, that are split, were taken back in part or have
    a numbered receipt, and reversals.
    """
    outcome = _outcome(actor, body, gifts.FundChange(body.fund_id))
    return ManyMoved(
        gift_ids=list(outcome.changed),
        left_aside=_aside(outcome),
        sentence=_sentence(outcome, body),
        before=[
            Before(gift_id=gift_id, fund_id=fund_id)
            for gift_id, fund_id in sorted(outcome.funds.items())
        ],
    )


def _outcome(
    actor: Actor, body: ManyThanks | ManyFunds, deed: gifts.Thanks | gifts.FundChange
) -> gifts.Outcome:
    if body.preview:
        return read_only(
            actor, lambda db: gifts.preview_many(db, actor, gift_ids=body.gift_ids, deed=deed)
        )
    with work(actor) as db:
        return gifts.change_many(db, actor, gift_ids=body.gift_ids, deed=deed, now=now())


def _sentence(outcome: gifts.Outcome, body: ManyThanks | ManyFunds) -> str:
    return outcome.preview() if body.preview else outcome.sentence()


def _aside(outcome: gifts.Outcome) -> list[Aside]:
    return [
        Aside(reason=reason, gifts=outcome.left[reason])
        for reason in gifts.REASONS
        if reason in outcome.left
    ]
