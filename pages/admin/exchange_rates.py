"""Screen of the exchange rates: gifts that wait for one, rates by currency, and files of rates."""

import streamlit as st

from app import accounts, gifts
from app.accounts import Role, organisation, require
from app.db import transaction
from app.ui.admin import exchange_rates as rates
from app.ui.base.formats import count
from app.ui.base.session import current_actor, today
from app.ui.shell import uploads
from app.ui.widgets import forms, pagination, tables
from app.ui.widgets.currencies import currency_label

LIST, PAGE_SIZE = "rate_list", 50

actor = current_actor()
require(actor, Role.ADMIN)
forms.announce()
with transaction(actor) as db:
    base = organisation(db).currency
    waiting = gifts.awaiting_rate(db, actor)
    currencies = accounts.exchange_rate_currencies(db, actor)

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Exchange rates", width="stretch")
    if st.button("Add a rate", type="primary", icon=":material/add:"):
        rates.edit()
st.caption(
    f"What foreign currencies are worth in {base}. A rate holds from its day until the next one; "
    "gifts are converted at the rate of their day."
)
rates.show_waiting(waiting)
rates.show_upload(is_open=not currencies)
uploads.show_refusal()

if not currencies:
    with st.container(border=True):
        tables.show_empty(
            "currency_exchange",
            f"No rates yet. You need them only for gifts and pledges in other currencies than "
            f"{base}: add one with the button above, or upload a file of rates.",
        )
    st.stop()

chosen = rates.ask_currency(currencies, base, today=today())
cursor = pagination.cursor(LIST, chosen.currency, tuple)
with transaction(actor) as db:
    lines = accounts.exchange_rates(
        db, actor, currency=chosen.currency, before=cursor, limit=PAGE_SIZE + 1
    )
more = len(lines) > PAGE_SIZE
lines = lines[:PAGE_SIZE]
st.subheader(currency_label(chosen.currency))
st.caption(f"{count(chosen.rates, 'rate')}, the newest first")
rates.show_rates(lines, base, today=today())
pagination.show_controls(
    LIST,
    size=PAGE_SIZE,
    shown=len(lines),
    total=chosen.rates,
    next_cursor=(chosen.currency, lines[-1].day) if more else None,
)
