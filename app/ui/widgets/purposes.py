"""Fields for the fund and the campaign of a gift or pledge; closed ones are not offered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app import gifts
from app.db import Session
from app.ui.base.formats import plain
from app.ui.widgets import forms
from app.ui.widgets.url_filters import Filter, UrlFilters


@dataclass(frozen=True, slots=True)
class PurposeChoices:
    """The funds and campaigns to choose from, by id, and those that the record has."""

    funds: Mapping[int, str]
    campaigns: Mapping[int, str]
    fund_id: int | None = None
    campaign_id: int | None = None


def purpose_choices(
    db: Session,
    *,
    fund_id: int | None = None,
    campaign_id: int | None = None,
    also_funds: Collection[int | None] = (),
    also_campaigns: Collection[int | None] = (),
) -> PurposeChoices:
    """Return the open funds and campaigns, and also these if they are closed."""
    wanted_funds, wanted_campaigns = {fund_id, *also_funds}, {campaign_id, *also_campaigns}
    return PurposeChoices(
        {
            fund.fund_id: plain(fund.name)
            for fund in gifts.funds(db)
            if fund.open or fund.fund_id in wanted_funds
        },
        {
            campaign.campaign_id: plain(campaign.name)
            for campaign in gifts.campaigns(db)
            if campaign.open or campaign.campaign_id in wanted_campaigns
        },
        fund_id,
        campaign_id,
    )


def ask_fund(key: str, choices: PurposeChoices, *, empty: str = "No fund") -> None:
    """Draw the field "fund" of a form."""
    forms.choice(
        "Fund",
        key,
        "fund",
        list(choices.funds),
        value=choices.fund_id,
        format_func=choices.funds.__getitem__,
        empty=empty,
    )


def ask_campaign(key: str, choices: PurposeChoices) -> None:
    """Draw the field "campaign" of a form, if there is a campaign to choose."""
    if not choices.campaigns:
        return
    forms.choice(
        "Campaign",
        key,
        "campaign",
        list(choices.campaigns),
        value=choices.campaign_id,
        format_func=choices.campaigns.__getitem__,
        empty="No campaign",
    )


def ask_purpose_filter(filters: UrlFilters, noun: str, names: Mapping[int, str]) -> int | None:
    """Draw the filter of a list by fund or campaign, stored in the URL; None means all."""
    options = {str(purpose_id): plain(name) for purpose_id, name in names.items()}
    chosen = filters.choice(
        Filter(noun.capitalize(), noun, options), width=145, placeholder=f"Any {noun}"
    )
    return None if chosen is None else int(chosen)
