"""API route for the funds of gifts and pledges."""

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.api.rest.dependencies import Known, work
from app.api.rest.schemas.common import Answer

router = APIRouter(prefix="/funds", tags=["gifts"])


class Fund(Answer):
    """A fund."""

    id: int
    name: str
    open: bool = Field(description="Whether gifts may be for it.")


class FundList(Answer):
    """All funds."""

    items: list[Fund]


@router.get("", summary="List funds", operation_id="list_funds")
def listed(actor: Known) -> FundList:
    """Return all funds, the open ones first, sorted by name."""
    with work(actor) as db:
        found = gifts.funds(db)
    return FundList(items=[Fund(id=one.fund_id, name=one.name, open=one.open) for one in found])
