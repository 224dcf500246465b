"""A list of gifts with what can be done about the chosen one."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app import gifts
from app.accounts import Role, organisation
from app.db import Session
from app.ui import forms_gift, tables
from app.ui.formats import day, escape, money
from app.ui.session import current_actor


def may_record() -> bool:
    """Whether the signed-in person may record gifts of anybody."""
    return current_actor().role not in {Role.READ_ONLY, Role.SYSTEM}


def fiscal_start(db: Session) -> int:
    """Return the month the fiscal year begins in (1..12)."""
    return organisation(db).fiscal_start_month


def what(gift: gifts.GiftLine) -> str:
    """Say what kind of gift it is."""
    if gift.kind == "reversal":
        return "Taken back"
    if gift.taken_back.minor:
        whole = gift.taken_back == gift.amount
        return "Taken back since" if whole else f"{money(gift.taken_back)} taken back"
    return "Pledged" if gift.pledge_id else "One-time"


def thanked(gift: gifts.GiftLine) -> str:
    """Say whether and how the donor was thanked."""
    if gift.kind == "reversal":
        return ""
    if gift.thanked_at is None:
        return "Not yet"
    return f"By {gift.thanked_how}" if gift.thanked_how else "Yes"


COLUMNS = [
    tables.days("Day", lambda one: one.on),
    tables.money("Amount", lambda one: one.amount),
    tables.text("Fund", lambda one: one.fund),
    tables.text("How", lambda one: (one.method or "").capitalize()),
    tables.text("What", what),
    tables.text("Thanked", thanked),
    tables.text("Note", lambda one: one.note),
]


def show(
    lines: Sequence[gifts.GiftLine], *, key: str, today: date, with_name: bool = False
) -> None:
    """Draw the gifts; below, thank for or take back the one chosen."""
    columns = list(COLUMNS)
    if with_name:
        columns.insert(1, tables.name("Donor", lambda one: one.donor_name))
    tables.show(
        lines, columns, key=f"{key}_table", today=today, opens=lambda one: one.donor_id,
        alt="Gifts, the newest first",
    )  # fmt: skip
    if may_record():
        _act(lines, key=key, today=today)


def _act(lines: Sequence[gifts.GiftLine], *, key: str, today: date) -> None:
    received = {one.gift_id: one for one in lines if one.kind == "gift"}
    if not received:
        return

    def spelled(gift_id: int) -> str:
        one = received[gift_id]
        return f"{day(one.on, today=today)} · {money(one.amount)} · {one.donor_name}"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Choose a gift", list(received), format_func=spelled, key=f"{key}_chosen",
            index=None, placeholder="to thank for or take back", width=380,
        )  # fmt: skip
        one = received.get(chosen) if chosen is not None else None
        st.button(
            "Thanked", icon=":material/favorite:", key=f"{key}_thank",
            disabled=one is None or one.thanked_at is not None,
            on_click=forms_gift.thank, args=(one.gift_id, one.donor_name) if one else None,
        )  # fmt: skip
        if st.button(
            "Take back", icon=":material/undo:", key=f"{key}_back",
            disabled=one is None or one.taken_back == one.amount,
        ) and one is not None:  # fmt: skip
            forms_gift.take_back(one)
    if one is not None and one.note:
        st.caption(escape(one.note))
