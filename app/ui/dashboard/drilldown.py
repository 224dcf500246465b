"""Drill-down below a clicked chart: the rows that add up to the clicked value."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app.gifts import GiftLine
from app.insights import DonorChange, DrilldownGift, DrilldownRows
from app.ui.base.formats import count, escape, money, number
from app.ui.widgets import focus, tables


def show_gifts(rows: DrilldownRows[DrilldownGift], *, title: str, key: str, today: date) -> None:
    """Show the gifts behind a bar and their sum."""
    _show_heading(rows, title, "gift or reversal", "gifts and reversals")
    focus.on_table(key, shows=title)
    tables.show(
        rows.rows,
        [
            tables.name("Donor", lambda row: row.donor_name),
            tables.days("Date", lambda row: row.on),
            tables.money("Amount", lambda row: row.amount),
            tables.text("Kind", _kind),
            tables.text("Fund", lambda row: row.fund),
        ],
        key=key,
        today=today,
        opens=lambda row: row.donor_id,
        sortable=rows.count == len(rows.rows),
        scrolls=True,
    )


def _kind(row: DrilldownGift) -> str:
    kind = "Pledged" if row.recurring else "One-time"
    return f"{kind} · needs a rate" if row.amount is None else kind


def show_donors(rows: DrilldownRows[DonorChange], *, title: str, key: str, today: date) -> None:
    """Show the donors behind a change and the sum of their changes."""
    _show_heading(rows, title, "donor", "donors")
    focus.on_table(key, shows=title)
    show_changes(rows.rows, key=key, today=today)


def show_changes(rows: Sequence[DonorChange], *, key: str, today: date) -> None:
    """List donors with their giving before and now."""
    if not rows:
        tables.show_empty("group", "Nobody yet.")
        return
    tables.show(
        rows,
        [
            tables.name("Donor", lambda row: row.donor_name),
            tables.money("Now", lambda row: row.now),
            tables.money("Before", lambda row: row.before),
            tables.money("Change", lambda row: row.change),
        ],
        key=key,
        today=today,
        opens=lambda row: row.donor_id,
    )


def show_recent(gifts: Sequence[GiftLine], *, key: str, today: date) -> None:
    """List the newest gifts and reversals."""
    if not gifts:
        tables.show_empty("redeem", "No gifts here yet.")
        return
    tables.show(
        gifts,
        [
            tables.name("Donor", lambda gift: gift.donor_name),
            tables.days("Date", lambda gift: gift.on),
            tables.money("Amount", lambda gift: gift.amount),
            tables.text("Fund", lambda gift: gift.fund),
        ],
        key=key,
        today=today,
        opens=lambda gift: gift.donor_id,
    )


def _show_heading(
    rows: DrilldownRows[DrilldownGift] | DrilldownRows[DonorChange],
    title: str,
    singular: str,
    plural: str,
) -> None:
    st.markdown(f"**{escape(title)}**")
    text = f"{count(rows.count, singular, plural)}, {money(rows.total)} in all"
    if rows.count > len(rows.rows):
        text += f"; the first {number(len(rows.rows))} are shown"
    st.caption(escape(f"{text}."))
