"""Filters of the dashboard, stored in the URL: period, fund, and owner or team."""

from dataclasses import dataclass

import streamlit as st

from app import accounts, gifts
from app.accounts import Actor, Role
from app.db import Session
from app.insights import DashboardFilter, Period
from app.ui.base.formats import plain

PERIODS = {
    "12-months": (Period.TWELVE_MONTHS, "Last 12 months"),
    "this-year": (Period.FISCAL_YEAR, "This fiscal year"),
    "last-year": (Period.LAST_FISCAL_YEAR, "Last fiscal year"),
}
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Choices:
    """The filter options: URL value → label."""

    funds: dict[str, str]
    owners: dict[str, str]


def choices(db: Session, actor: Actor) -> Choices:
    """Return the funds, and the users and teams whose donors the actor may see."""
    funds = {str(fund.fund_id): plain(fund.name) for fund in gifts.funds(db)}
    owners: dict[str, str] = {}
    if actor.sees_everyone or actor.role == Role.SUPERVISOR:
        for owner in accounts.owners(db, actor):
            if owner.role == Role.SUPERVISOR and actor.sees_everyone:
                owners[f"team-{owner.user_id}"] = f"{plain(owner.name)} and team"
            if owner.role in {Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH}:
                owners[str(owner.user_id)] = plain(owner.name)
    return Choices({EVERYTHING: "All funds"} | funds, {EVERYTHING: "Everybody"} | owners)


def ask_filter(choices: Choices) -> DashboardFilter:
    """Draw the filters and return the chosen filter; without URL parameters it matches all."""
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom", gap="small"):
        period = st.segmented_control(
            "Period",
            list(PERIODS),
            default="12-months",
            required=True,
            key="period",
            format_func=lambda period_key: PERIODS[period_key][1],
            bind="query-params",
        )
        fund = st.selectbox(
            "Fund",
            list(choices.funds),
            format_func=choices.funds.__getitem__,
            key="fund",
            bind="query-params",
            width=200,
        )
        owner = EVERYTHING
        if len(choices.owners) > 1:
            owner = st.selectbox(
                "Donors of",
                list(choices.owners),
                format_func=choices.owners.__getitem__,
                key="owner",
                bind="query-params",
                width=200,
            )
    return parse_filter(period, fund, owner)


def parse_filter(period: str | None, fund: str | None, owner: str | None) -> DashboardFilter:
    """Return a filter from the URL values."""
    kind, _, number = (owner or EVERYTHING).rpartition("-")
    person = int(number) if number.isdigit() else None
    return DashboardFilter(
        period=PERIODS[period or "12-months"][0],
        fund_id=int(fund) if fund and fund.isdigit() else None,
        owner_id=None if kind == "team" else person,
        team_of=person if kind == "team" else None,
    )
