"""Filters of the gift list in the URL: period, fund, campaign, method, thanked, donor."""

from datetime import date, timedelta

import streamlit as st

from app import gifts
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


def ask_filter(
    funds: dict[int, str], campaigns: dict[int, str], *, start_month: int, today: date
) -> gifts.GiftFilter:
    """Draw the filters and return the chosen one; the fiscal year begins in `start_month`."""
    filters = UrlFilters()
    of_import = import_filter.ask(filters)
    awaiting_rate = rate_filter.ask(filters)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = filters.choice(PERIOD, width=140) or "all"
        fund = ask_purpose_filter(filters, "fund", funds)
        campaign = ask_purpose_filter(filters, "campaign", campaigns) if campaigns else None
        method = filters.choice(METHOD, width=120, placeholder="Any way")
        thanked = filters.choice(THANKED, width=165, placeholder="All")
        query = filters.text(
            "Donor",
            key="query",
            search=True,
            width=155,
            icon=":material/search:",
            placeholder="Name or e-mail",
        )
    filters.show_refused()
    span = _span(period, start_month=start_month, today=today)
    waiting = gifts.to_thank_filter(today)
    if thanked == WAITING:
        span = _both(span, waiting.span)
    return gifts.GiftFilter(
        span=span,
        fund_id=fund,
        campaign_id=campaign,
        method=method,
        thanked=None if thanked is None else thanked == "yes",
        living=waiting.living if thanked == WAITING else None,
        query=query,
        import_id=of_import.import_id,
        import_rows=of_import.rows,
        awaiting_rate=awaiting_rate,
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
