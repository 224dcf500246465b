"""API routes for the funds of gifts and pledges: list, create, change, merge."""

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.api.rest.dependencies import CurrentActor, read_only, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Id, InPath, Line, Made, Yes
from app.api.rest.schemas.donors import Version
from app.db import Session
from app.kit.errors import NotFoundError

router = APIRouter(prefix="/funds", tags=["gifts"])


class Fund(Answer):
    """A fund."""

    id: int
    version: int
    name: str
    open: bool = Field(description="Whether the fund accepts gifts.")
    gl_code: str | None = Field(description="Account in the bookkeeping.", examples=["4010"])


class FundList(Answer):
    """All funds."""

    items: list[Fund]


class NewFund(Body):
    """A fund to create."""

    name: Line = Field(description="Name; no other fund has it.", examples=["Wells"])
    gl_code: Line | None = Field(
        None, description="Account in the bookkeeping, at most 50 characters.", examples=["4010"]
    )


class ChangedFund(Body):
    """Changes of a fund; fields that are left out stay unchanged."""

    version: Version
    name: Line | None = Field(None, description="Name; null: unchanged.")
    gl_code: Line | None = Field(None, description="Account in the bookkeeping; null: none.")
    open: Yes | None = Field(
        None, description="False closes the fund, true reopens it; null: unchanged."
    )


class Merge(Body):
    """A merge into another record."""

    version: Version
    into_id: Id = Field(description="The record that takes over everything.", examples=[2])


class Moved(Answer):
    """What a merge moved."""

    gifts: int
    pledges: int
    campaigns: int


@router.get("", summary="List funds", operation_id="list_funds")
def listed(actor: CurrentActor) -> FundList:
    """Return all funds, the open ones first, sorted by name."""
    funds = read_only(actor, gifts.funds)
    return FundList(items=[_to_fund(fund) for fund in funds])


@router.post("", status_code=201, summary="Create a fund", operation_id="create_fund")
def create(actor: CurrentActor, body: NewFund, once: OnlyOnce) -> Made:
    """Create a fund. Administrators only."""
    with work(actor) as db:
        created = once(
            db,
            actor,
            body,
            Made,
            lambda: Made(id=gifts.create_fund(db, actor, name=body.name, gl_code=body.gl_code)),
        )
    once.set_location(f"funds/{created.id}")
    return created


@router.patch("/{id}", summary="Change a fund", operation_id="change_fund")
def change(actor: CurrentActor, id: InPath, body: ChangedFund) -> Fund:  # noqa: A002
    """Rename, close or reopen a fund, or set its code. Administrators only."""
    with work(actor) as db:
        old = _fund(db, id)
        gifts.change_fund(
            db,
            actor,
            fund_id=id,
            version=body.version,
            name=old.name if body.name is None else body.name,
            gl_code=body.gl_code if "gl_code" in body.model_fields_set else old.gl_code,
            is_open=old.open if body.open is None else body.open,
        )
        return _to_fund(_fund(db, id))


@router.post("/{id}/merge", summary="Merge a fund into another", operation_id="merge_fund")
def merge(actor: CurrentActor, id: InPath, body: Merge, once: OnlyOnce) -> Moved:  # noqa: A002
    """Move every gift, pledge and campaign to another fund. Administrators only."""

    def make() -> Moved:
        effect = gifts.merge_funds(
            db, actor, fund_id=id, into_id=body.into_id, version=body.version
        )
        return Moved(gifts=effect.gifts, pledges=effect.pledges, campaigns=effect.campaigns)

    with work(actor) as db:
        return once(db, actor, body, Moved, make)


def _fund(db: Session, fund_id: int) -> gifts.FundName:
    fund = next((fund for fund in gifts.funds(db) if fund.fund_id == fund_id), None)
    if fund is None:
        msg = "This fund does not exist any more."
        raise NotFoundError(msg)
    return fund


def _to_fund(fund: gifts.FundName) -> Fund:
    return Fund(
        id=fund.fund_id,
        version=fund.version,
        name=fund.name,
        open=fund.open,
        gl_code=fund.gl_code,
    )
