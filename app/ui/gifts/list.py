"""List of gifts with the actions for a chosen one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from app import gifts
from app.accounts import Role, organisation
from app.db import Session
from app.ui.base.formats import day, money
from app.ui.base.session import current_actor
from app.ui.gifts import forms as gift_forms
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import tables


def may_record() -> bool:
    """Return whether the actor may record gifts."""
    actor = current_actor()
    return actor.role not in {Role.READ_ONLY, Role.COACH, Role.SYSTEM} and not actor.looking


def fiscal_start(db: Session) -> int:
    """Return the first month of the fiscal year (1..12)."""
    return organisation(db).fiscal_start_month


# why a gift is linked to its pledge, other than by an equal amount
WHY = {
    "open sum": ": all that was open",
    "several": ": several at once",
    "near": ": near the amount",
    "by hand": ", linked by hand",
    "file": ", by the file",
}


def what(gift: gifts.GiftLine) -> str:
    """Return the kind of a gift: pledged with the reason, one-time or taken back."""
    if gift.kind == "reversal":
        return "Taken back"
    if gift.taken_back.minor:
        whole = gift.taken_back == gift.amount
        return "Taken back since" if whole else f"{money(gift.taken_back)} taken back"
    if gift.pledge_id is None:
        return "One-time"
    return f"Pledged{WHY.get(gift.pledge_reason or '', '')}"


def thanked(gift: gifts.GiftLine) -> str:
    """Return whether and how the donor was thanked."""
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
]
WAITING = "Thank"


def show(
    lines: Sequence[gifts.GiftLine], *, key: str, today: date, with_name: bool = False
) -> None:
    """Draw the gifts: thank with a button in the row; correct or reverse the one chosen above."""
    columns = list(COLUMNS)
    if with_name:
        columns.insert(1, tables.name("Donor", lambda one: one.donor_name))
    if may_record():
        _act(lines, key=key, today=today)
        if any(map(_waits, lines)):
            columns.append(_thank(lines, key=key))
    if any(one.note for one in lines):
        columns.append(tables.text("Note", lambda one: one.note))
    tables.show(
        lines,
        columns,
        key=f"{key}_table",
        today=today,
        opens=lambda one: one.donor_id,
        height="content",
        alt="Gifts, the newest first",
    )


def _waits(one: gifts.GiftLine) -> bool:
    return one.kind == "gift" and one.thanked_at is None


def _thank(lines: Sequence[gifts.GiftLine], *, key: str) -> tables.Column:
    button = f"{key}_thank"

    def clicked() -> None:
        click = st.session_state.get(button)
        if click is not None:
            one = lines[click["row"]]
            gift_forms.thank(one.gift_id, one.donor_name)

    # typed Any: Streamlit's annotation is the click result, not the column configuration
    column: Any = st.column_config.ButtonColumn(
        "", type="secondary", key=button, on_click=clicked, width="small"
    )
    return tables.Column(
        WAITING,
        lambda one: WAITING if _waits(one) else None,
        lambda _values, _today: column,
    )


def _act(lines: Sequence[gifts.GiftLine], *, key: str, today: date) -> None:
    left = {
        one.gift_id: one for one in lines if one.kind == "gift" and one.taken_back != one.amount
    }
    if not left:
        return

    def spelled(gift_id: int) -> str:
        one = left[gift_id]
        return f"{day(one.on, today=today)} · {money(one.amount)} · {one.donor_name}"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Choose a gift",
            list(left),
            format_func=spelled,
            key=f"{key}_chosen",
            index=None,
            placeholder="to correct it, or because it bounced",
            width=380,
        )
        mend = st.button(
            "Correct", icon=":material/edit:", key=f"{key}_mend", disabled=chosen is None
        )
        back = st.button(
            "Reverse", icon=":material/undo:", key=f"{key}_back", disabled=chosen is None
        )
        one = left.get(chosen) if chosen is not None else None
        if one is not None and one.pledge_id is not None:
            st.button(
                "Unlink from the pledge",
                icon=":material/link_off:",
                key=f"{key}_unlink",
                on_click=gift_suggestions.unlink,
                args=(one,),
            )
    if mend and chosen is not None:
        gift_forms.correct(left[chosen])
    if back and chosen is not None:
        gift_forms.reverse(left[chosen])
