"""List of campaigns with their progress, and dialogs to create, change and merge them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TypedDict

import streamlit as st

from app import gifts
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import amount_input as read
from app.kit.money import Money
from app.ui.admin import purposes
from app.ui.base.formats import (
    count,
    day,
    escape,
    locale,
    money,
    money_plain,
    number,
    percent,
    plain,
)
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, tables

NEW, CHANGE = "new_campaign", "change_campaign"


def show_list(campaigns: Sequence[gifts.CampaignLine]) -> None:
    """Draw all campaigns, the open ones first, each with its progress and actions."""
    if not campaigns:
        with st.container(border=True):
            tables.show_empty(
                "campaign",
                "No campaigns yet. A campaign is an appeal with dates and a goal, such as an "
                "Easter letter. An administrator creates the first one with “New campaign”.",
                guide="funds",
            )
        return
    is_open = sum(campaign.open for campaign in campaigns)
    closed = len(campaigns) - is_open
    st.caption(count(is_open, "open campaign") + (f" · {number(closed)} closed" if closed else ""))
    names = {campaign.campaign_id: campaign.name for campaign in campaigns}
    with st.container(border=True, key="list_wrapped_campaigns"):
        for line in purposes.searched(campaigns, lambda line: line.name, noun="campaign"):
            _show_row(line, names)


def _show_row(line: gifts.CampaignLine, names: dict[int, str]) -> None:
    purposes.show_row(
        _text(line),
        f"campaign_{line.campaign_id}",
        (
            ("Change", "edit", partial(change, line)),
            ("Merge", "merge", partial(merge, line, names)),
        ),
    )
    if line.goal is not None and line.progress is not None:
        st.progress(
            min(max(line.progress, 0.0), 1.0),
            f"{percent(line.progress)} of the goal of {escape(money(line.goal))}",
        )


def _text(line: gifts.CampaignLine) -> str:
    closed = "" if line.open else " :gray-badge[Closed]"
    fund = f" · {escape(line.fund)}" if line.fund else ""
    given = "no gifts yet"
    if line.last_gift_date is not None:
        last = day(line.last_gift_date, today=today())
        total = escape(money(line.total))
        given = f"{total} from {count(line.gifts, 'gift')} · the last on {last}"
    if note := gifts.awaiting_note(line.awaiting_rate, locale=locale()):
        given += f" · :material/warning: {escape(note)}"
    return f"**{escape(line.name)}**{fund}{closed}  \n:gray[{_dates(line)}{given}]"


def _dates(line: gifts.CampaignLine) -> str:
    begins, ends = (
        None if value is None else day(value, today=today())
        for value in (line.starts_on, line.ends_on)
    )
    if begins and ends:
        return f"{begins} to {ends} · "
    if begins or ends:
        return f"from {begins} · " if begins else f"until {ends} · "
    return ""


@st.dialog("New campaign", icon=":material/campaign:")
def create() -> None:
    """Ask for the name, fund, dates and goal of a new campaign."""

    def work(db: Session) -> str:
        name = forms.text_value(NEW, "name")
        gifts.create_campaign(db, current_actor(), name=name, **_entered(NEW, currency))
        return f"Created the campaign {name.strip()}."

    funds, currency = _choices(None)
    with st.form(NEW, border=False):
        _ask_fields(NEW, None, funds, currency)
        forms.save_button("Create campaign", key=NEW, work=work)


def _choices(fund_id: int | None) -> tuple[dict[int, str], str]:
    """Return the open funds, with the campaign's own, and the organisation's currency."""
    with transaction(current_actor()) as db:
        funds = gifts.funds(db)
        currency = organisation(db).currency
    return {
        fund.fund_id: plain(fund.name) for fund in funds if fund.open or fund.fund_id == fund_id
    }, currency


def _ask_fields(
    key: str, line: gifts.CampaignLine | None, funds: dict[int, str], currency: str
) -> None:
    forms.text("Name", key, "name", line.name if line else "")
    cells = forms.cells()
    with next(cells):
        forms.day("Begins (may be empty)", key, "starts_on", line.starts_on if line else None)
    with next(cells):
        forms.day("Ends (may be empty)", key, "ends_on", line.ends_on if line else None)
    with next(cells):
        forms.choice(
            "Fund",
            key,
            "fund",
            list(funds),
            value=line.fund_id if line else None,
            format_func=funds.__getitem__,
            empty="No fund",
        )
    with next(cells):
        goal = money_plain(line.goal) if line and line.goal else ""
        forms.text(f"Goal ({currency})", key, "goal", goal, placeholder="Leave empty if none")


class _Fields(TypedDict):
    fund_id: int | None
    starts_on: date | None
    ends_on: date | None
    goal: Money | None


def _entered(key: str, currency: str) -> _Fields:
    """Return the fields of the form besides the name."""
    goal = forms.text_value(key, "goal").strip()
    return _Fields(
        fund_id=forms.field_value(key, "fund", int),
        starts_on=forms.field_value(key, "starts_on", date),
        ends_on=forms.field_value(key, "ends_on", date),
        goal=read.amount(goal, currency, locale=locale()) if goal else None,
    )


@st.dialog("Change campaign", icon=":material/edit:")
def change(line: gifts.CampaignLine) -> None:
    """Ask for changed details of a campaign, and whether it is open."""

    def work(db: Session) -> str:
        name = forms.text_value(CHANGE, "name")
        gifts.change_campaign(
            db,
            current_actor(),
            campaign_id=line.campaign_id,
            version=line.version,
            name=name,
            is_open=bool(forms.field_value(CHANGE, "open", bool)),
            **_entered(CHANGE, currency),
        )
        return f"Saved the campaign {name.strip()}."

    funds, currency = _choices(line.fund_id)
    with st.form(CHANGE, border=False):
        _ask_fields(CHANGE, line, funds, currency)
        st.checkbox(
            "Open: offered for new gifts and pledges",
            line.open,
            key=f"{CHANGE}_open",
            help="A closed campaign keeps its gifts and stays in the filters.",
        )
        forms.save_button("Save", key=CHANGE, work=work)


@st.dialog("Merge campaign", icon=":material/merge:")
def merge(line: gifts.CampaignLine, names: dict[int, str]) -> None:
    """Ask into which campaign, show what moves, and merge."""

    def effect(db: Session, into_id: int) -> str:
        moves = gifts.campaign_merge_effect(
            db, current_actor(), campaign_id=line.campaign_id, into_id=into_id
        )
        return purposes.merge_text(moves.name, moves.into, str(moves))

    def work(db: Session, into_id: int) -> str:
        moved = gifts.merge_campaigns(
            db,
            current_actor(),
            campaign_id=line.campaign_id,
            into_id=into_id,
            version=line.version,
        )
        return f"Merged {moved.name} into {moved.into}: {moved} moved."

    purposes.ask_merge("campaign", line.campaign_id, names, effect=effect, merge=work)
