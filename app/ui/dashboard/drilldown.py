"""Drill-down below a clicked chart: the rows that add up to the clicked value."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app.gifts import GiftLine
from app.insights import DonorChange, DrilldownGift, DrilldownRows
from app.ui.base.formats import count, escape, money
from app.ui.widgets import tables


def gifts(found: DrilldownRows[DrilldownGift], *, title: str, key: str, today: date) -> None:
    """Show the gifts behind a bar and their sum."""
    _head(found, title, "gift or reversal", "gifts and reversals")
    tables.show(
        found.rows,
        [
            tables.name("Donor", lambda one: one.donor_name),
            tables.days("Date", lambda one: one.on),
            tables.money("Amount", lambda one: one.amount),
            tables.text("Kind", lambda one: "Pledged" if one.recurring else "One-time"),
            tables.text("Fund", lambda one: one.fund),
        ],
        key=key,
        today=today,
        opens=lambda one: one.donor_id,
    )


def donors(found: DrilldownRows[DonorChange], *, title: str, key: str, today: date) -> None:
    """Show the donors behind a change and the sum of their changes."""
    _head(found, title, "donor", "donors")
    changes(found.rows, key=key, today=today)


def changes(rows: Sequence[DonorChange], *, key: str, today: date) -> None:
    """List donors with their giving before and now."""
    if not rows:
        tables.nothing("group", "Nobody yet.")
        return
    tables.show(
        rows,
        [
            tables.name("Donor", lambda one: one.donor_name),
            tables.money("Now", lambda one: one.now),
            tables.money("Before", lambda one: one.before),
            tables.money("Change", lambda one: one.change),
        ],
        key=key,
        wide=165,
        today=today,
        opens=lambda one: one.donor_id,
    )


def recent(found: Sequence[GiftLine], *, key: str, today: date) -> None:
    """List the newest gifts and reversals."""
    if not found:
        tables.nothing("redeem", "No gifts here yet.")
        return
    tables.show(
        found,
        [
            tables.name("Donor", lambda one: one.donor_name),
            tables.days("Date", lambda one: one.on),
            tables.money("Amount", lambda one: one.amount),
            tables.text("Fund", lambda one: one.fund),
        ],
        key=key,
        today=today,
        opens=lambda one: one.donor_id,
    )


def _head(
    found: DrilldownRows[DrilldownGift] | DrilldownRows[DonorChange],
    title: str,
    one: str,
    many: str,
) -> None:
    st.markdown(f"**{escape(title)}**")
    said = f"{count(found.count, one, many)}, {money(found.total)} in all"
    if found.count > len(found.rows):
        said += f"; the first {len(found.rows):,} are shown"
    st.caption(escape(f"{said}."))
