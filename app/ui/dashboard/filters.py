"""Filters of the dashboard, stored in the URL: period, fund, owner or team, what counts."""

from dataclasses import dataclass

import streamlit as st

from app import accounts, gifts
from app.accounts import Actor, Role
from app.db import Session
from app.donors import Credit, Unit
from app.insights import DashboardFilter, Period
from app.ui.base.formats import plain
from app.ui.widgets.counting import CREDITS, UNITS
from app.ui.widgets.url_filters import Filter, UrlFilters

PERIODS = {
    "12-months": (Period.TWELVE_MONTHS, "Last 12 months"),
    "this-year": (Period.FISCAL_YEAR, "This fiscal year"),
    "last-year": (Period.LAST_FISCAL_YEAR, "Last fiscal year"),
}
EVERYTHING = "all"
UNIT = Filter("A donor is", "unit", UNITS, Unit.PERSON.value)
CREDIT = Filter("Counts", "credit", CREDITS, Credit.HARD.value)
PERIOD = Filter(
    "Period", "period", {value: label for value, (_, label) in PERIODS.items()}, "12-months"
)


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
    filters = UrlFilters()
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom", gap="small"):
        period = filters.segments(PERIOD)
        fund = filters.choice(Filter("Fund", "fund", choices.funds, EVERYTHING), width=116)
        # without a choice the filter is not drawn, but a value in the URL must not pass unnoticed
        owners = Filter("Donors of", "owner", choices.owners, EVERYTHING)
        if len(choices.owners) > 1:
            owner = filters.choice(owners, width=116)
        else:
            filters.refuse_unknown(owners)
            owner = EVERYTHING
        unit = filters.choice(
            UNIT,
            width=132,
            help="For Donors kept, Who gave, What changed, Top donors and Biggest changes: a "
            "household adds up its members. Income is the same.",
        )
        credit = filters.choice(
            CREDIT,
            width=120,
            help="For the same figures: soft credits recognise a donor for the gifts of others. "
            "They are not income, which is the same.",
        )
    filters.show_refused()
    return parse_filter(period, fund, owner, unit, credit)


def parse_filter(
    period: str | None,
    fund: str | None,
    owner: str | None,
    unit: str | None = None,
    credit: str | None = None,
) -> DashboardFilter:
    """Return a filter from the URL values."""
    kind, _, number = (owner or EVERYTHING).rpartition("-")
    person = int(number) if number.isdigit() else None
    return DashboardFilter(
        period=PERIODS[period or "12-months"][0],
        fund_id=int(fund) if fund and fund.isdigit() else None,
        owner_id=None if kind == "team" else person,
        team_of=person if kind == "team" else None,
        unit=Unit(unit or Unit.PERSON),
        credit=Credit(credit or Credit.HARD),
    )
