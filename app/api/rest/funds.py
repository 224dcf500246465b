"""Funds over HTTP: what gifts and pledges may be for."""

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
    """Every fund."""

    items: list[Fund]


@router.get("", summary="List funds", operation_id="list_funds")
def listed(actor: Known) -> FundList:
    """List every fund, the open ones first, by name."""
    with work(actor) as db:
        found = gifts.funds(db)
    return FundList(items=[Fund(id=one.fund_id, name=one.name, open=one.open) for one in found])
