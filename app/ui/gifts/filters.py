"""Filters of the gift list, stored in the URL: period, fund, method, thanked, donor."""

from datetime import date, timedelta

import streamlit as st

from app import gifts
from app.kit.dates.days import Span, fiscal_to_date, month_of, trailing_year
from app.ui.widgets import import_filter

PERIODS = {
    "all": "Any time",
    "month": "This month",
    "last month": "Last month",
    "year": "This fiscal year",
    "12 months": "Last 12 months",
}
THANKED = {"yes": "Thanked", "no": "Not thanked yet"}


def ask_filter(funds: dict[int, str], *, start_month: int, today: date) -> gifts.GiftFilter:
    """Draw the filters and return the chosen one; the fiscal year begins in `start_month`."""
    of_import = import_filter.ask()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.selectbox(
            "When",
            list(PERIODS),
            key="period",
            bind="query-params",
            width=160,
            format_func=PERIODS.__getitem__,
        )
        fund = _ask_fund(funds)
        method = _ask_method()
        thanked = _ask_thanked()
        query = st.text_input(
            "Donor",
            key="query",
            type="search",
            live=True,
            bind="query-params",
            width=195,
            icon=":material/search:",
            placeholder="Name or e-mail",
        )
    return gifts.GiftFilter(
        span=_span(period, start_month=start_month, today=today),
        fund_id=fund,
        method=method,
        thanked=thanked,
        query=query or "",
        import_id=of_import.import_id,
        import_rows=of_import.rows,
    )


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


def _ask_fund(funds: dict[int, str]) -> int | None:
    return st.selectbox(
        "Fund",
        list(funds),
        index=None,
        key="fund",
        bind="query-params",
        width=165,
        format_func=funds.__getitem__,
        placeholder="Any fund",
    )


def _ask_method() -> str | None:
    return st.selectbox(
        "How",
        gifts.METHODS,
        index=None,
        key="method",
        bind="query-params",
        width=150,
        format_func=str.capitalize,
        placeholder="Any way",
    )


def _ask_thanked() -> bool | None:
    """Draw the filter of thanked gifts; None means all."""
    thanked = st.selectbox(
        "Thanked",
        list(THANKED),
        index=None,
        key="thanked",
        bind="query-params",
        width=165,
        format_func=THANKED.__getitem__,
        placeholder="All",
    )
    return None if thanked is None else thanked == "yes"
