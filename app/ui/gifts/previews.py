"""What a gift comes to while its form is filled in: its worth at the rate of its day, its net."""

from datetime import date

import streamlit as st

from app import gifts
from app.db import Session
from app.kit import amount_input
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.ui.base.formats import day, escape, money
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms


def typed(key: str, name: str, currency: str) -> Money | None:
    """Return the amount in a field, or None while it cannot be read."""
    try:
        return amount_input.amount(
            forms.text_value(key, name), currency, locale=current_actor().locale
        )
    except InvalidError:
        return None


def show_worth(db: Session, amount: Money | None, on: date, *, base: str) -> None:
    """Say what a foreign amount becomes at the rate of its day, or that it waits for a rate."""
    if amount is None or amount.currency == base:
        return
    try:
        worth = gifts.conversion(db, amount, on)
    except InvalidError as error:
        st.warning(escape(str(error)))
        return
    if worth is None:
        st.info(
            f"{amount.currency} has no exchange rate for this day. The gift is recorded and "
            "waits; it counts in no sum until an administrator adds the rate.",
            icon=":material/hourglass_top:",
        )
        return
    rate = f"1 {amount.currency} = {worth.rate.normalize():f} {base}"
    st.caption(
        f":material/currency_exchange: {escape(money(amount))} is worth "
        f"**{escape(money(worth.worth))}** ({escape(rate)}, since "
        f"{escape(day(worth.since, today=today()))})"
    )


def show_net(key: str, currency: str) -> None:
    """Say what is left of the amount without the fee."""
    amount, fee = typed(key, "amount", currency), typed(key, "fee", currency)
    if amount is None or fee is None:
        return
    if amount < fee:
        st.warning("The fee is more than the gift.")
        return
    st.caption(f":material/remove: {escape(money(amount - fee))} net, after the fee")
