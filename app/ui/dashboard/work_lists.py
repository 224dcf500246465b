"""Short lists of the dashboard: late pledges, donors at risk, gifts not thanked."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import streamlit as st

from app.donors import AtRisk
from app.gifts import ThankYou
from app.insights import FirstRows
from app.pledges import LatePledge
from app.ui.base.formats import ago, brief, escape, money
from app.ui.widgets import tables


class _Named(Protocol):
    @property
    def donor_id(self) -> int: ...

    @property
    def donor_name(self) -> str: ...


def late(found: FirstRows[LatePledge]) -> None:
    """List the first late pledges, longest late first."""
    st.subheader(f":material/schedule: Late pledges ({found.count:,})")
    if not found.count:
        tables.nothing("check", "Every promise is up to date.")
        return
    _lines("late", [(one, brief(one.sentence)) for one in found.first])
    _all("pledges", "See all pledges", found)


def risky(found: FirstRows[AtRisk]) -> None:
    """List the donors who are most likely to stop."""
    st.subheader(f":material/trending_down: At risk ({found.count:,})")
    if not found.count:
        tables.nothing("check", "Everybody gives in their own rhythm.")
        return
    _lines("risky", [(one, brief(one.sentence)) for one in found.first])
    _all("donors", "See all donors", found)


def thanks(found: FirstRows[ThankYou], *, today: date) -> None:
    """List the gifts that are not thanked yet."""
    st.subheader(f":material/favorite: To thank ({found.count:,})")
    if not found.count:
        tables.nothing("check", "Everybody has been thanked.")
        return
    said = []
    for one in found.first:
        what = f"{one.why}: {money(one.amount)}" if one.why else f"Gave {money(one.amount)}"
        sign = " Gives anonymously." if one.anonymous else ""
        said.append((one, f"{what}, {ago(one.on, today=today)}.{sign}"))
    _lines("thanks", said)
    _all("gifts", "See all gifts", found)


def _lines(key: str, lines: Sequence[tuple[_Named, str]]) -> None:
    with st.container(key=f"list_{key}", gap="small"):
        for one, sentence in lines:
            with st.container(gap=None):
                tables.donor_link(one.donor_id, one.donor_name)
                st.markdown(f":small[{escape(sentence)}]")


def _all(page: str, label: str, found: FirstRows[Any]) -> None:
    if found.count > len(found.first):
        st.page_link(tables.to(page), label=f":small[{label}]", icon=":material/arrow_forward:")
