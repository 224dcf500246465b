"""Gifts that wait for an exchange rate: what sums leave out, and the filter of the gift list."""

from collections.abc import Sequence

import streamlit as st

from app import gifts
from app.ui.base.formats import escape, locale
from app.ui.base.session import current_actor
from app.ui.widgets import tables
from app.ui.widgets.url_filters import Filter, UrlFilters

_RATE, _NEEDED = "rate", "needed"


def ask(filters: UrlFilters) -> bool | None:
    """Draw the chip of the filter if the URL has it; return whether it is set, else None."""
    filters.refuse_unknown(Filter("Rate", _RATE, {_NEEDED: "Needs a rate"}))
    if st.query_params.get(_RATE) != _NEEDED:
        return None
    st.button(
        "Needs a rate",
        icon=":material/close:",
        icon_position="right",
        help="Remove this filter",
        on_click=_remove,
        key="rate_filter_remove",
    )
    return True


def _remove() -> None:
    st.query_params.pop(_RATE, None)


def show_link(label: str) -> None:
    """Draw a link to the list of the gifts that wait for an exchange rate."""
    st.page_link(
        tables.screen_page("gifts"),
        label=label,
        icon=":material/arrow_forward:",
        query_params={_RATE: _NEEDED},
    )


def show_waiting(
    waiting: Sequence[gifts.AwaitingRate], *, link: bool = False, short: bool = False
) -> None:
    """Say which gifts a sum leaves out for lack of an exchange rate, if any.

    Whoever may add the rate gets a link to do so, all others who to ask; `short`, for a card below
    figures that say so already, has neither. `link` adds one to the list of these gifts.
    """
    note = gifts.awaiting_note(waiting, locale=locale())
    if not note:
        return
    may_add = gifts.may_add_rate(current_actor())
    sentence = note if may_add or short else f"{note} {gifts.ASK_FOR_RATE}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/warning: {escape(sentence)}", width="content")
        if may_add and not short:
            st.page_link(
                tables.screen_page("exchange_rates"),
                label="Add the rate",
                icon=":material/arrow_forward:",
            )
        if link:
            show_link("Show these gifts")
