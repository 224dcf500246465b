"""API route for the funds of gifts and pledges."""

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.api.rest.dependencies import CurrentActor, work
from app.api.rest.schemas.common import Answer

router = APIRouter(prefix="/funds", tags=["gifts"])


class Fund(Answer):
    """A fund."""

    id: int
    name: str
    open: bool = Field(description="Whether the fund accepts gifts.")


class FundList(Answer):
    """All funds."""

    items: list[Fund]


@router.get("", summary="List funds", operation_id="list_funds")
def listed(actor: CurrentActor) -> FundList:
    """Return all funds, the open ones first, sorted by name."""
    with work(actor) as db:
        funds = gifts.funds(db)
    return FundList(
        items=[Fund(id=fund.fund_id, name=fund.name, open=fund.open) for fund in funds]
    )
