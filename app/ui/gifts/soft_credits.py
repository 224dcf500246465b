"""Soft credits: those of a donor, those of a gift, and the dialog that adds one."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import donors, gifts, households
from app.accounts import Actor
from app.db import Session, transaction
from app.gifts import GiftLine, SoftCredit
from app.kit import amount_input as read
from app.ui.base.formats import count, day, escape, initial, money, plain
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, rate_filter, tables
from app.ui.widgets.donor_search import ask_donor

CREDIT = "soft_credit"


def show(donor_id: int, actor: Actor, *, editable: bool) -> None:
    """Draw the soft credits of a donor with their sums; nothing if there are none."""
    with transaction(actor) as db:
        lines, sums = gifts.donor_soft_credits(db, actor, donor_id=donor_id, today=today())
    if not lines:
        return
    with st.container(border=True, key="soft_credits"):
        st.subheader(
            "Soft credits",
            help="Gifts of others that this donor is recognised for. They are not part of what"
            " the donor has given.",
        )
        st.markdown(
            f"**{escape(money(sums.lifetime))}** in {count(sums.credits, 'gift')} of others, "
            f"**{escape(money(sums.this_year))}** this fiscal year"
        )
        rate_filter.show_waiting(sums.awaiting_rate)
        for credit in lines:
            _show_credit(credit, editable=editable)


def _show_credit(credit: SoftCredit, *, editable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if credit.giver_name is None:
            st.markdown(":gray[A donor you do not see]", width="content")
        else:
            tables.show_donor_link(credit.giver_id, credit.giver_name, icon=":material/redeem:")
        counted = money(credit.base)
        if credit.awaiting_rate and credit.amount is not None:
            counted = f"{money(credit.amount)}, needs a rate"
        st.caption(
            escape(f"{initial(credit.type)} · {counted} · {day(credit.on, today=today())}"),
            width="content",
        )
        if editable:
            st.button(
                "Remove",
                type="tertiary",
                key=f"soft_credit_{credit.credit_id}",
                on_click=partial(_remove, credit),
            )


@st.dialog("Soft credit", icon=":material/volunteer_activism:")
def add(gift: GiftLine) -> None:
    """Ask which donor is recognised for a gift, how and with how much."""
    st.caption(
        f"{escape(money(gift.amount))} from {escape(gift.donor_name)}, "
        f"{day(gift.on, today=today())}. The gift stays with the giver."
    )
    actor = current_actor()
    with transaction(actor) as db:
        lines = gifts.gift_soft_credits(db, actor, gift_id=gift.gift_id)
        suggested = households.suggested_credits(db, actor, gift.donor_id, today=today())
    taken = {gift.donor_id, *(credit.donor_id for credit in lines)}
    _show_given(gift, lines, [line for line in suggested if line.donor_id not in taken])
    forms.close_when_done(CREDIT)
    chosen = ask_donor("Who is recognised?", CREDIT, but=taken)
    if chosen is None:
        forms.show_refusal(CREDIT)
        return

    with st.form(CREDIT, border=False):
        left, right = st.columns(2)
        with left:
            forms.choice("Kind", CREDIT, "type", gifts.SOFT_CREDITS)
        with right:
            forms.text(
                f"Amount ({gift.amount.currency})", CREDIT, "amount", placeholder="the whole gift"
            )
        forms.save_button(
            "Add the soft credit", key=CREDIT, icon="check", work=partial(_add, gift, chosen)
        )


def _show_given(
    gift: GiftLine,
    given: Sequence[SoftCredit],
    suggested: Sequence[households.SuggestedCredit],
) -> None:
    """Draw the soft credits of a gift, and a button for each one that is suggested."""
    for credit in given:
        st.markdown(
            f":material/check: {escape(credit.donor_name or '')}: {escape(money(credit.base))}"
            f" ({credit.type})"
        )
    for suggestion in suggested:
        st.button(
            f"{plain(suggestion.name)} ({suggestion.label})",
            icon=":material/lightbulb:",
            key=f"{CREDIT}_suggested_{suggestion.donor_id}",
            help="Credit the whole gift to this donor.",
            on_click=partial(_credit_suggested, gift, suggestion),
        )


def _add(gift: GiftLine, chosen: donors.DonorMatch, db: Session) -> str:
    actor, entered = current_actor(), forms.text_value(CREDIT, "amount")
    gifts.add_soft_credit(
        db,
        actor,
        gift_id=gift.gift_id,
        donor_id=chosen.donor_id,
        type=forms.choice_value(CREDIT, "type", str),
        amount=read.amount(entered, gift.amount.currency, locale=actor.locale)
        if entered.strip()
        else None,
    )
    return f"Credited the gift to {chosen.name}."


def _credit_suggested(gift: GiftLine, suggestion: households.SuggestedCredit) -> None:
    def work(db: Session) -> str:
        gifts.add_soft_credit(
            db,
            current_actor(),
            gift_id=gift.gift_id,
            donor_id=suggestion.donor_id,
            type=suggestion.label,
        )
        return f"Credited the gift to {suggestion.name}."

    forms.run(CREDIT, work)


def _remove(credit: SoftCredit) -> None:
    def work(db: Session) -> str:
        gifts.remove_soft_credit(db, current_actor(), credit_id=credit.credit_id)
        return "Removed the soft credit."

    forms.run_and_announce(CREDIT, work)
