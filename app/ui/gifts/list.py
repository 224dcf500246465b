"""List of gifts with the actions for a chosen one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import streamlit as st

from app import gifts
from app.accounts import Role, organisation
from app.db import Session
from app.ui.base.formats import day, initial, money
from app.ui.base.session import current_actor
from app.ui.gifts import forms as gift_forms
from app.ui.gifts import soft_credits
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
LINK_REASONS = {
    "open sum": ": all that was open",
    "several": ": several at once",
    "near": ": near the amount",
    "by hand": ", linked by hand",
    "file": ", by the file",
}


def kind_label(gift: gifts.GiftLine) -> str:
    """Return the kind of a gift: pledged with the reason, one-time or taken back.

    A gift that waits for an exchange rate is marked.
    """
    if gift.awaiting_rate:
        return f"{_kind(gift)} · needs a rate"
    return _kind(gift)


def _kind(gift: gifts.GiftLine) -> str:
    if gift.kind == "reversal":
        return "Taken back"
    if gift.taken_back.minor:
        is_complete = gift.taken_back == gift.amount
        return "Taken back since" if is_complete else f"{money(gift.taken_back)} taken back"
    if gift.pledge_id is None:
        return "One-time"
    return f"Pledged{LINK_REASONS.get(gift.pledge_reason or '', '')}"


def thanked_label(gift: gifts.GiftLine) -> str:
    """Return whether and how the donor was thanked."""
    if gift.kind == "reversal":
        return ""
    if gift.thanked_at is None:
        return "Not yet"
    return f"By {gift.thanked_how}" if gift.thanked_how else "Yes"


def details_label(gift: gifts.GiftLine) -> str:
    """Return the details that few gifts have: fee, cheque, no receipt, tribute."""
    details = gift.details
    parts = (
        f"Fee {money(details.fee)}" if details.fee is not None and details.fee.minor else "",
        f"Cheque {details.check_number}" if details.check_number else "",
        "" if details.receipt else "No receipt",
        initial(f"{details.tribute} {details.tribute_name or ''}") if details.tribute else "",
    )
    return " · ".join(filter(None, parts))


COLUMNS = [
    tables.days("Day", lambda gift: gift.on),
    tables.money("Amount", lambda gift: gift.amount),
    tables.text("Fund", lambda gift: gift.fund),
    tables.text("How", lambda gift: (gift.method or "").capitalize()),
    tables.text("What", kind_label),
    tables.text("Thanked", thanked_label),
]
THANK_LABEL = "Thank"


def show(
    lines: Sequence[gifts.GiftLine],
    *,
    key: str,
    today: date,
    with_name: bool = False,
    whole: bool = True,
    sort: str = "newest first",
    select: bool = False,
) -> None:
    """Draw the gifts: thank with a button in the row; correct or reverse the one chosen above.

    Headings sort them only if they are the `whole` list; `sort` names their order. With `select`
    each row can be ticked.
    """
    may_thank = may_record() and any(map(_is_unthanked, lines))
    if may_record():
        _show_actions(lines, key=key, today=today)
    names = {str(gift.gift_id): gift.donor_name for gift in lines if _is_unthanked(gift)}
    tables.show(
        lines,
        _columns(lines, with_name=with_name, may_thank=may_thank),
        key=f"{key}_table",
        today=today,
        opens=lambda gift: gift.donor_id,
        identify=lambda gift: gift.gift_id,
        select=select,
        on_press={"thank": partial(_thank, names)} if may_thank else None,
        sortable=whole,
        alt=f"Gifts: {sort}",
    )


def _columns(
    lines: Sequence[gifts.GiftLine], *, with_name: bool, may_thank: bool
) -> list[tables.Column]:
    """Return the columns of the list: the rarer ones only if a gift has something in them."""
    columns = list(COLUMNS)
    if any(gift.campaign for gift in lines):
        columns.insert(3, tables.text("Campaign", lambda gift: gift.campaign))
    if with_name:
        columns.insert(1, tables.name("Donor", lambda gift: gift.donor_name))
    if may_thank:
        columns.append(tables.button(THANK_LABEL, _is_unthanked, pressed="thank"))
    if any(map(details_label, lines)):
        columns.append(tables.text("Details", details_label))
    if any(gift.note for gift in lines):
        columns.append(tables.text("Note", lambda gift: gift.note))
    return columns


def _is_unthanked(gift: gifts.GiftLine) -> bool:
    return gift.kind == "gift" and gift.thanked_at is None


def _thank(names: Mapping[str, str], gift_id: str) -> None:
    if gift_id in names:
        gift_forms.thank(int(gift_id), names[gift_id])


# label, icon, the end of the key, and what opens
ACTIONS: tuple[tuple[str, str, str, Callable[[gifts.GiftLine], None]], ...] = (
    ("Correct", "edit", "mend", gift_forms.correct),
    ("Reverse", "undo", "back", gift_forms.reverse),
    ("Soft credit", "volunteer_activism", "credit", soft_credits.add),
)


def _show_actions(lines: Sequence[gifts.GiftLine], *, key: str, today: date) -> None:
    correctable = {
        row.gift_id: row for row in lines if row.kind == "gift" and row.taken_back != row.amount
    }
    if not correctable:
        return
    labels = {
        gift_id: f"{day(gift.on, today=today)} · {money(gift.amount)} · {gift.donor_name}"
        for gift_id, gift in correctable.items()
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen_id = st.selectbox(
            "Choose a gift",
            list(correctable),
            format_func=labels.__getitem__,
            key=f"{key}_chosen",
            index=None,
            placeholder="to correct it, or because it bounced",
            width=380,
        )
        chosen_action = _show_action_buttons(key, disabled=chosen_id is None)
        gift = correctable.get(chosen_id) if chosen_id is not None else None
        if gift is not None and gift.pledge_id is not None:
            st.button(
                "Unlink from the pledge",
                icon=":material/link_off:",
                key=f"{key}_unlink",
                on_click=gift_suggestions.unlink,
                args=(gift,),
            )
    if chosen_action is not None and chosen_id is not None:
        chosen_action(correctable[chosen_id])


def _show_action_buttons(key: str, *, disabled: bool) -> Callable[[gifts.GiftLine], None] | None:
    """Draw a button for each action on a chosen gift; return the action of the one pressed."""
    pressed = None
    for label, icon, part, act in ACTIONS:
        if st.button(label, icon=f":material/{icon}:", key=f"{key}_{part}", disabled=disabled):
            pressed = act
    return pressed
