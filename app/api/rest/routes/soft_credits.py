"""API routes for soft credits: recognition of a donor for the gift of another donor."""

from datetime import date
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Decimal, Done, Id, InPath, Made, Sum
from app.kit.money import Money

router = APIRouter(tags=["gifts"])


class SoftCredit(Answer):
    """Recognition of a donor for the gift of another donor."""

    id: int
    gift_id: int
    donor_id: int = Field(description="The donor who is recognised.")
    donor_name: str | None
    giver_id: int
    giver_name: str | None = Field(description="Null if you do not see the giver.")
    type: str
    counted: Sum = Field(description="What counts of it, after reversals, in your currency.")
    date: date
    awaiting_rate: bool = Field(
        description="Whether the gift waits for an exchange rate: nothing of it counts yet."
    )


class SoftCreditList(Answer):
    """Soft credits, with their sum."""

    items: list[SoftCredit]


class NewSoftCredit(Body):
    """A soft credit to give."""

    donor_id: Id = Field(description="The donor who is recognised; not the giver.")
    type: Literal["spouse", "employer match", "donor-advised fund", "tribute", "solicitor"] = (
        Field(description="Kind of soft credit.")
    )
    amount: Decimal | None = Field(
        None, description="In the gift's currency; null: the whole gift."
    )


@router.get(
    "/donors/{id}/soft-credits", summary="List soft credits", operation_id="list_soft_credits"
)
def soft_credits(actor: CurrentActor, id: InPath) -> SoftCreditList:  # noqa: A002
    """Return the gifts of others that a donor is recognised for; empty for a coach."""
    lines, _ = read_only(
        actor, lambda db: gifts.donor_soft_credits(db, actor, donor_id=id, today=today(actor))
    )
    return SoftCreditList(items=[_credit(line) for line in lines])


@router.post(
    "/gifts/{id}/soft-credits",
    status_code=201,
    summary="Give a soft credit",
    operation_id="add_soft_credit",
)
def credit(actor: CurrentActor, id: InPath, body: NewSoftCredit, once: OnlyOnce) -> Made:  # noqa: A002
    """Recognise a donor for the gift of another donor; no sum of gifts changes."""

    def work_once() -> Made:
        currency = gifts.get(db, actor, id).amount.currency
        credit_id = gifts.add_soft_credit(
            db,
            actor,
            gift_id=id,
            donor_id=body.donor_id,
            type=body.type,
            amount=None if body.amount is None else Money.of(body.amount, currency),
        )
        return Made(id=credit_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, work_once)
    once.set_location(f"donors/{body.donor_id}/soft-credits")
    return created


@router.delete(
    "/soft-credits/{id}", summary="Remove a soft credit", operation_id="remove_soft_credit"
)
def uncredit(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Remove a soft credit; no sum of gifts changes."""
    with work(actor) as db:
        gifts.remove_soft_credit(db, actor, credit_id=id)
    return Done()


def _credit(line: gifts.SoftCredit) -> SoftCredit:
    return SoftCredit(
        id=line.credit_id,
        gift_id=line.gift_id,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        giver_id=line.giver_id,
        giver_name=line.giver_name,
        type=line.type,
        counted=Sum(amount=str(line.base), currency=line.base.currency),
        date=line.on,
        awaiting_rate=line.awaiting_rate,
    )
