"""Filters of the donor list, stored in the URL: search text, states, owner, tag; and its order."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app import donors
from app.accounts import Actor
from app.ui.donors import labels as donor_labels
from app.ui.widgets import import_filter


def ask_filter_and_sort(
    actor: Actor, owners: dict[int, str], tags: Sequence[str]
) -> tuple[donors.DonorFilter, str]:
    """Draw the search field, the filters and the sort order; return (filter, sort order)."""
    query = st.text_input(
        "Find a donor",
        key="query",
        type="search",
        live=True,
        bind="query-params",
        icon=":material/search:",
        placeholder="Name, e-mail, phone or number",
        label_visibility="collapsed",
    )
    of_import = import_filter.ask()
    wide = 138 if len(owners) > 1 else 165
    with st.container(horizontal=True, vertical_alignment="bottom"):
        donor_filter = replace(
            _ask_filter(query or "", owners, tags, width=wide),
            import_id=of_import.import_id,
            import_rows=of_import.rows,
        )
        sort = st.selectbox(
            "Sorted by",
            donor_labels.sorts(actor),
            key="sort",
            bind="query-params",
            format_func=str.capitalize,
            width=wide,
        )
    return donor_filter, sort


def _ask_filter(
    query: str, owners: dict[int, str], tags: Sequence[str], *, width: int
) -> donors.DonorFilter:
    """Draw the filters; of owners and tags only if there is a choice."""
    giving = _ask_several("Giving", "giving", donors.GIVING, _giving_label, width=width)
    status = _ask_several("Status", "status", donors.STATUSES, str.capitalize, width=width)
    kind = _ask_several("Kind", "kind", donors.KINDS, str.capitalize, width=width)
    owner = tag = None
    if len(owners) > 1:
        owner = st.selectbox(
            "Owner",
            list(owners),
            index=None,
            key="owner",
            bind="query-params",
            format_func=owners.__getitem__,
            placeholder="Everybody",
            width=width,
        )
    if tags:
        tag = st.selectbox(
            "Tag", tags, index=None, key="tag", bind="query-params", placeholder="Any", width=width
        )
    anonymous = _ask_anonymous(width=width)
    return donors.DonorFilter(
        query=query,
        statuses=status,
        kinds=kind,
        giving=giving,
        owner_id=owner,
        tag=tag,
        anonymous=anonymous,
    )


def _ask_several(
    label: str, key: str, options: Sequence[str], label_of: Callable[[str], str], *, width: int
) -> tuple[str, ...]:
    """Draw a filter with several values; no value means all."""
    values = st.multiselect(
        label,
        options,
        key=key,
        bind="query-params",
        placeholder="All",
        format_func=label_of,
        width=width,
    )
    return tuple(values)


def _giving_label(giving: str) -> str:
    return donor_labels.GIVING[giving][1]


def _ask_anonymous(*, width: int) -> bool | None:
    """Draw the filter of anonymous donors; None means all."""
    anonymous = st.selectbox(
        "Anonymous",
        ["yes", "no"],
        index=None,
        key="anonymous",
        bind="query-params",
        format_func=str.capitalize,
        placeholder="All",
        width=width,
    )
    return None if anonymous is None else anonymous == "yes"
