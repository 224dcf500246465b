"""Filters and order of the gift list in the URL: period, fund, campaign, thanked, donor."""

from datetime import date, timedelta

import streamlit as st

from app import gifts
from app.accounts import Actor
from app.kit.dates.days import Span, fiscal_to_date, month_of, trailing_year
from app.ui.widgets import import_filter, rate_filter
from app.ui.widgets.purposes import ask_purpose_filter
from app.ui.widgets.url_filters import Filter, UrlFilters, labelled

PERIODS = {
    "all": "Any time",
    "month": "This month",
    "last month": "Last month",
    "year": "This fiscal year",
    "12 months": "Last 12 months",
}
PERIOD = Filter("When", "period", PERIODS, "all")
METHOD = Filter("How", "method", labelled(gifts.METHODS, str.capitalize))
WAITING = "waiting"
THANKED = Filter(
    "Thanked", "thanked", {WAITING: "To thank for", "yes": "Thanked", "no": "Not thanked yet"}
)


SORT_LABELS = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "largest": "Largest first",
    "donor": "Donor name",
}


def sorts(actor: Actor) -> Filter:
    """Return the orders of the list; by amount only if the actor may see amounts."""
    labels = {
        sort: SORT_LABELS[sort]
        for sort in gifts.SORTS
        if actor.sees_amounts or sort not in gifts.BY_AMOUNT
    }
    return Filter("Sorted by", "sort", labels, gifts.SORTS[0])


def ask_filter_and_sort(
    actor: Actor,
    funds: dict[int, str],
    campaigns: dict[int, str],
    *,
    start_month: int,
    today: date,
) -> tuple[gifts.GiftFilter, str]:
    """Draw the filters and the order; return (filter, order).

    The fiscal year begins in `start_month`.
    """
    filters = UrlFilters()
    of_import = import_filter.ask(filters)
    awaiting_rate = rate_filter.ask(filters)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = filters.choice(PERIOD, width=140) or "all"
        fund = ask_purpose_filter(filters, "fund", funds)
        campaign = ask_purpose_filter(filters, "campaign", campaigns) if campaigns else None
        method = filters.choice(METHOD, width=120, placeholder="Any way")
        thanked = filters.choice(THANKED, width=165, placeholder="All")
        query = _ask_query(filters)
        sort = filters.choice(sorts(actor), width=140) or gifts.SORTS[0]
    filters.show_refused()
    span = _span(period, start_month=start_month, today=today)
    waiting = gifts.to_thank_filter(today) if thanked == WAITING else gifts.GiftFilter()
    gift_filter = gifts.GiftFilter(
        span=_both(span, waiting.span),
        fund_id=fund,
        campaign_id=campaign,
        method=method,
        thanked=None if thanked is None else thanked == "yes",
        living=waiting.living,
        query=query,
        import_id=of_import.import_id,
        import_rows=of_import.rows,
        awaiting_rate=awaiting_rate,
    )
    return gift_filter, sort


def _ask_query(filters: UrlFilters) -> str:
    return filters.text(
        "Donor",
        key="query",
        search=True,
        width=155,
        icon=":material/search:",
        placeholder="Name or e-mail",
    )


def _both(one: Span | None, other: Span | None) -> Span | None:
    """Return the days that are in both."""
    if one is None or other is None:
        return one or other
    start = max(one.start, other.start)
    return Span(start, max(start, min(one.end, other.end)))


def _span(period: str, *, start_month: int, today: date) -> Span | None:
    """Return the days of a period, or None for any time."""
    spans: dict[str, Span | None] = {
        "all": None,
        "month": month_of(today),
        "last month": month_of(month_of(today).start - timedelta(days=1)),
        "year": fiscal_to_date(today, start_month),
        "12 months": trailing_year(today),
    }
    return spans[period]
