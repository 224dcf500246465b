"""API routes for the campaigns of gifts and pledges: list, create, change, merge."""

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from app import gifts
from app.accounts import Actor, organisation
from app.api.rest.dependencies import CurrentActor, read_only, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.routes.funds import Merge, Moved
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Decimal,
    Id,
    InPath,
    Line,
    Made,
    Yes,
    amount,
)
from app.api.rest.schemas.donors import Version
from app.db import Session
from app.kit.errors import NotFoundError
from app.kit.money import Money

router = APIRouter(prefix="/campaigns", tags=["gifts"])


class Campaign(Answer):
    """A campaign; for a coach the goal is null."""

    id: int
    version: int
    name: str
    open: bool = Field(description="Whether the campaign accepts gifts.")
    fund_id: int | None
    starts_on: date | None
    ends_on: date | None
    goal: str | None = Field(description="In the organisation's currency.", examples=["5000.00"])


class CampaignList(Answer):
    """All campaigns."""

    items: list[Campaign]


class CampaignDetails(Body):
    """Details of a campaign; a null clears a field."""

    fund_id: Id | None = Field(None, description="The fund of the campaign.")
    starts_on: Day | None = Field(None, description="First day.", examples=["2026-11-23"])
    ends_on: Day | None = Field(None, description="Last day.", examples=["2026-12-31"])
    goal: Decimal | None = Field(None, description="Goal in the organisation's currency.")


class NewCampaign(CampaignDetails):
    """A campaign to create."""

    name: Line = Field(description="Name; no other campaign has it.", examples=["Easter 2027"])


class ChangedCampaign(CampaignDetails):
    """Changes of a campaign; fields that are left out stay unchanged."""

    version: Version
    name: Line | None = Field(None, description="Name; null: unchanged.")
    open: Yes | None = Field(
        None, description="False closes the campaign, true reopens it; null: unchanged."
    )


@router.get("", summary="List campaigns", operation_id="list_campaigns")
def listed(actor: CurrentActor) -> CampaignList:
    """Return all campaigns, the open ones first, sorted by name."""
    campaigns = read_only(actor, gifts.campaigns)
    return CampaignList(items=[_to_campaign(actor, campaign) for campaign in campaigns])


@router.post("", status_code=201, summary="Create a campaign", operation_id="create_campaign")
def create(actor: CurrentActor, body: NewCampaign, once: OnlyOnce) -> Made:
    """Create a campaign. Administrators only."""

    def make() -> Made:
        campaign_id = gifts.create_campaign(
            db,
            actor,
            name=body.name,
            fund_id=body.fund_id,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            goal=_goal(db, body.goal),
        )
        return Made(id=campaign_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, make)
    once.set_location(f"campaigns/{created.id}")
    return created


@router.patch("/{id}", summary="Change a campaign", operation_id="change_campaign")
def change(actor: CurrentActor, id: InPath, body: ChangedCampaign) -> Campaign:  # noqa: A002
    """Change, close or reopen a campaign. Administrators only."""
    with work(actor) as db:
        old, sent = _campaign(db, id), body.model_fields_set
        gifts.change_campaign(
            db,
            actor,
            campaign_id=id,
            version=body.version,
            name=old.name if body.name is None else body.name,
            fund_id=body.fund_id if "fund_id" in sent else old.fund_id,
            starts_on=body.starts_on if "starts_on" in sent else old.starts_on,
            ends_on=body.ends_on if "ends_on" in sent else old.ends_on,
            goal=_goal(db, body.goal) if "goal" in sent else old.goal,
            is_open=old.open if body.open is None else body.open,
        )
        return _to_campaign(actor, _campaign(db, id))


@router.post("/{id}/merge", summary="Merge a campaign into another", operation_id="merge_campaign")
def merge(actor: CurrentActor, id: InPath, body: Merge, once: OnlyOnce) -> Moved:  # noqa: A002
    """Move every gift and pledge to another campaign. Administrators only."""

    def make() -> Moved:
        effect = gifts.merge_campaigns(
            db, actor, campaign_id=id, into_id=body.into_id, version=body.version
        )
        return Moved(gifts=effect.gifts, pledges=effect.pledges, campaigns=effect.campaigns)

    with work(actor) as db:
        return once(db, actor, body, Moved, make)


def _goal(db: Session, goal: str | None) -> Money | None:
    return None if goal is None else Money.of(goal, organisation(db).currency)


def _campaign(db: Session, campaign_id: int) -> gifts.CampaignName:
    known = {campaign.campaign_id: campaign for campaign in gifts.campaigns(db)}
    if campaign_id not in known:
        msg = "This campaign does not exist any more."
        raise NotFoundError(msg)
    return known[campaign_id]


def _to_campaign(actor: Actor, campaign: gifts.CampaignName) -> Campaign:
    return Campaign(
        id=campaign.campaign_id,
        version=campaign.version,
        name=campaign.name,
        open=campaign.open,
        fund_id=campaign.fund_id,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        goal=amount(actor, campaign.goal),
    )
