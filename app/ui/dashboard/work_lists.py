"""Short lists of the dashboard: late pledges, donors at risk, gifts not thanked."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import streamlit as st

from app.donors import AtRisk
from app.gifts import ThankYou
from app.insights import FirstRows
from app.pledges import LatePledge
from app.ui.base.formats import ago, brief, money, number
from app.ui.widgets import tables

# the filters of the lists that have all rows
LATE = ("late", "part-paid, late")
AT_RISK = ("at risk", "slipping")


class _DonorRow(Protocol):
    @property
    def donor_id(self) -> int: ...

    @property
    def donor_name(self) -> str: ...


def show_late(late_pledges: FirstRows[LatePledge]) -> None:
    """List the first late pledges, longest late first."""
    st.subheader(f":material/schedule: Late pledges ({number(late_pledges.count)})")
    if not late_pledges.count:
        tables.show_empty("check", "Every promise is up to date.")
        return
    _show_lines([(pledge, brief(pledge.sentence)) for pledge in late_pledges.first])
    _show_all_link("pledges", "See all late pledges", late_pledges, standing=LATE)


def show_at_risk(at_risk: FirstRows[AtRisk]) -> None:
    """List the donors who are most likely to stop."""
    st.subheader(f":material/trending_down: At risk ({number(at_risk.count)})")
    if not at_risk.count:
        tables.show_empty("check", "Everybody gives in their own rhythm.")
        return
    _show_lines([(donor, brief(donor.sentence)) for donor in at_risk.first])
    _show_all_link("donors", "See all donors at risk", at_risk, giving=AT_RISK)


def show_unthanked(unthanked: FirstRows[ThankYou], *, today: date) -> None:
    """List the gifts that are not thanked yet."""
    st.subheader(f":material/favorite: To thank ({number(unthanked.count)})")
    if not unthanked.count:
        tables.show_empty("check", "Everybody has been thanked.")
        return
    lines = []
    for gift in unthanked.first:
        giving_text = (
            f"{gift.why}: {money(gift.amount)}" if gift.why else f"Gave {money(gift.amount)}"
        )
        sign = " Gives anonymously." if gift.anonymous else ""
        lines.append((gift, f"{giving_text}, {ago(gift.on, today=today)}.{sign}"))
    _show_lines(lines)
    _show_all_link("gifts", "See all gifts to thank for", unthanked, thanked="waiting")


def _show_lines(lines: Sequence[tuple[_DonorRow, str]]) -> None:
    tables.show_list([(row.donor_id, row.donor_name, sentence) for row, sentence in lines])


def _show_all_link(
    page: str, label: str, rows: FirstRows[Any], **filters: str | tuple[str, ...]
) -> None:
    """Draw a link to the whole list; `filters` are in its address."""
    if rows.count > len(rows.first):
        st.page_link(
            tables.screen_page(page),
            label=f":small[{label}]",
            icon=":material/arrow_forward:",
            query_params=filters,
        )
