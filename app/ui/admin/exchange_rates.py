"""Parts of the screen of exchange rates: waiting gifts, rates, dialogs, and files of rates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import streamlit as st
from babel.numbers import list_currencies

from app import accounts, gifts
from app.accounts import CurrencyRates, ExchangeRateLine, RateChanges, organisation
from app.db import Session, transaction
from app.kit.errors import DonorCrmError
from app.kit.money import NO_MONEY, Money
from app.ui.base.formats import count, day, decimal, escape, money, plain, typed_number
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, rate_filter, tables
from app.ui.widgets.currencies import currency_label
from app.ui.widgets.url_filters import Filter, UrlFilters, labelled

RATE, DELETION, FILE = "exchange_rate", "exchange_rate_deletion", "exchange_rate_file"
EXAMPLE = 100


def show_waiting(waiting: Sequence[gifts.AwaitingRate]) -> None:
    """List the gifts that wait for a rate by currency, each with a button that adds one."""
    if not waiting:
        return
    number = sum(line.gifts for line in waiting)
    with st.container(border=True, key="list_needs_rate"):
        st.subheader("Needs a rate")
        st.caption(
            f"{count(number, 'gift')} recorded without an exchange rate, counted in no sum yet"
        )
        for line in waiting:
            details, action = st.columns([5, 1], vertical_alignment="center")
            first, last = (day(each, today=today()) for each in (line.first, line.last))
            when = first if first == last else f"{first} to {last}"
            details.markdown(
                f":material/hourglass_empty: **{count(line.gifts, 'gift')} in {line.currency}** · "
                f"{escape(money(line.amount))} · {when}"
            )
            if action.button("Add rate", key=f"needs_rate_{line.currency}", width="stretch"):
                edit(line.currency, line.first)
        rate_filter.show_link("Show these gifts")


def ask_currency(currencies: Sequence[CurrencyRates], base: str, *, today: date) -> CurrencyRates:
    """Draw the newest rate of each currency and ask for the one whose rates are shown."""
    tables.show(
        currencies,
        [
            tables.text("Currency", lambda line: currency_label(line.currency)),
            tables.text("1 unit is", lambda line: f"{decimal(line.rate)} {base}"),
            tables.days("Since", lambda line: line.day),
            tables.number("Rates", lambda line: line.rates),
        ],
        key="rate_currencies",
        today=today,
        scrolls=True,
        alt="The newest rate of each currency",
    )
    by_code = {line.currency: line for line in currencies}
    filters = UrlFilters()
    shown = Filter("Show the rates of", "currency", labelled(list(by_code), currency_label))
    code = filters.choice(replace(shown, default=currencies[0].currency), width=320)
    filters.show_refused()
    return by_code.get(code or "", currencies[0])


def show_rates(lines: Sequence[ExchangeRateLine], base: str, *, today: date) -> None:
    """Draw the rates of a currency; correct or delete the one chosen above the table."""
    _show_actions(lines, base, today=today)
    tables.show(
        lines,
        [
            tables.days("From", lambda line: line.day),
            tables.text("Until", lambda line: _until(line, today)),
            tables.text("1 unit is", lambda line: f"{decimal(line.rate)} {base}"),
        ],
        key="rates",
        today=today,
        alt="Exchange rates, the newest first",
    )


def _until(line: ExchangeRateLine, today: date) -> str:
    return "the next rate" if line.until is None else day(line.until, today=today)


def _show_actions(lines: Sequence[ExchangeRateLine], base: str, *, today: date) -> None:
    by_day = {line.day: line for line in lines}

    def label(of: date) -> str:
        return f"{day(of, today=today)} · {decimal(by_day[of].rate)} {base}"

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Choose a rate",
            list(by_day),
            format_func=label,
            key=f"{RATE}_chosen",
            index=None,
            placeholder="to correct or delete it",
            width=320,
        )
        line = by_day.get(chosen) if chosen else None
        if st.button("Correct", icon=":material/edit:", disabled=line is None) and line:
            edit(line.currency, line.day, line.rate)
        if st.button("Delete", icon=":material/delete:", disabled=line is None) and line:
            delete(line)


@st.dialog("Exchange rate", icon=":material/currency_exchange:")
def edit(currency: str | None = None, on: date | None = None, rate: Decimal | None = None) -> None:
    """Ask for a rate to add or correct, and show what it changes before it is saved."""
    # the fields of a dialog that was closed keep their values, so each rate has fields of its own
    key = f"{RATE}_{currency or 'new'}_{on or ''}"
    with transaction(current_actor()) as db:
        base = organisation(db).currency
    codes = sorted(set(list_currencies("en")) - NO_MONEY - {base}, key=currency_label)
    forms.choice(
        "Currency",
        key,
        "currency",
        codes,
        value=currency or ("EUR" if base != "EUR" else "USD"),
        format_func=currency_label,
    )
    forms.day("From this day on", key, "day", on or today())
    forms.text(
        f"What one unit is worth in {base}",
        key,
        "rate",
        "" if rate is None else decimal(rate),
        placeholder=decimal(Decimal("1.085")),
    )
    _show_preview(key, base)
    st.button(
        "Save rate",
        type="primary",
        icon=":material/check:",
        width="stretch",
        on_click=partial(forms.run, key, partial(_save, key)),
        key=f"{key}_save",
    )
    forms.show_refusal(key)
    forms.close_when_done(key)


def _show_preview(key: str, base: str) -> None:
    """Show what a gift of 100 becomes at the rate typed so far, and which gifts change."""
    rate = typed_number(forms.text_value(key, "rate"))
    currency = forms.field_value(key, "currency", str)
    if not rate or not currency:
        return
    example = Money.of(EXAMPLE, currency)
    try:
        worth = accounts.worth_at_rate(example, rate, base)
        with transaction(current_actor()) as db:
            changes = _set(key, db, dry_run=True)
    except DonorCrmError as error:
        st.warning(escape(str(error)), icon=":material/warning:")
        return
    st.markdown(f"A gift of {escape(money(example))} becomes **{escape(money(worth))}**.")
    _show_gifts(changes)


def _show_gifts(changes: RateChanges) -> None:
    for sentence in changes.gift_sentences:
        st.markdown(f":material/sync_alt: {escape(sentence)}")


def _set(key: str, db: Session, *, dry_run: bool) -> RateChanges:
    return accounts.set_exchange_rate(
        db,
        current_actor(),
        currency=forms.choice_value(key, "currency", str),
        day=forms.field_value(key, "day", date) or today(),
        rate=typed_number(forms.text_value(key, "rate")),
        today=today(),
        dry_run=dry_run,
    )


def _save(key: str, db: Session) -> str:
    changes = _set(key, db, dry_run=False)
    saved = "The rate is saved." if changes.changes else "This rate is here already."
    return " ".join([saved, *changes.gift_sentences])


@st.dialog("Delete this rate?", icon=":material/delete:")
def delete(line: ExchangeRateLine) -> None:
    """Ask for a confirmation, and say at which rate the gifts are converted then."""
    with transaction(current_actor()) as db:
        base = organisation(db).currency
        changes = accounts.delete_exchange_rate(
            db, current_actor(), currency=line.currency, day=line.day, dry_run=True
        )
    since = day(line.day, today=today())
    st.markdown(f"1 {line.currency} = {decimal(line.rate)} {base}, from {since} on.")
    if changes.gifts:
        st.markdown("Its gifts are converted at the rate before it, or wait for a rate:")
        _show_gifts(changes)
    else:
        st.caption("No gift was converted at this rate.")
    st.button(
        "Delete rate",
        type="primary",
        icon=":material/delete:",
        width="stretch",
        on_click=partial(forms.run, DELETION, partial(_delete, line)),
        key=f"{DELETION}_delete",
    )
    forms.show_refusal(DELETION)
    forms.close_when_done(DELETION)


def _delete(line: ExchangeRateLine, db: Session) -> str:
    changes = accounts.delete_exchange_rate(
        db, current_actor(), currency=line.currency, day=line.day
    )
    return " ".join(["The rate is deleted.", *changes.gift_sentences])


def show_upload(*, is_open: bool) -> None:
    """Draw the field for a file of rates, what the file changes, and the button that saves it."""
    slot = st.session_state.setdefault(f"{FILE}_slot", 0)
    with st.expander("Upload a file of rates", icon=":material/upload_file:", expanded=is_open):
        st.markdown(
            "A CSV file of the European Central Bank (eurofxref.csv or eurofxref-hist.csv), or "
            "one with the columns currency, day and rate. All of its rates are saved, or none."
        )
        file = st.file_uploader("CSV file", type=["csv"], key=f"{FILE}_{slot}")
        if file is not None:
            _show_file(file.name, file.getvalue())


def _show_file(name: str, data: bytes) -> None:
    try:
        with transaction(current_actor()) as db:
            changes = _import(db, data, dry_run=True)
    except DonorCrmError as error:
        st.error(escape(str(error)).replace("\n", "  \n"), icon=":material/error:")
        return
    st.markdown(f"**{escape(plain(name))}** · {escape(changes.sentence)}")
    for sentence in changes.left_out:
        st.caption(f"Left out: {escape(sentence)}")
    _show_gifts(changes)
    if changes.changes:
        st.button(
            f"Save {count(changes.changes, 'rate')}",
            type="primary",
            icon=":material/check:",
            on_click=_save_file,
            args=(data,),
            key=f"{FILE}_save",
        )


def _save_file(data: bytes) -> None:
    """Save the file of a click; the field is emptied when it is done."""

    def work(db: Session) -> str:
        changes = _import(db, data, dry_run=False)
        st.session_state[f"{FILE}_slot"] += 1
        return " ".join([changes.sentence, *changes.gift_sentences])

    forms.run_and_announce(FILE, work)


def _import(db: Session, data: bytes, *, dry_run: bool) -> RateChanges:
    return accounts.import_exchange_rates(
        db, current_actor(), data=data, today=today(), dry_run=dry_run
    )
