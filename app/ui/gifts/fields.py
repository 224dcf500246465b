"""Fields of the forms that record and correct a gift, and what they say before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from app import gifts
from app.db import Session
from app.gifts import GiftDetails
from app.kit import amount_input
from app.kit.money import Money
from app.ui.base.formats import money_plain, number
from app.ui.base.session import current_actor, today
from app.ui.gifts import previews, split_fields
from app.ui.widgets import forms
from app.ui.widgets.currencies import ask_currency
from app.ui.widgets.purposes import PurposeChoices, ask_campaign, ask_fund

# emptied by "Save and next"; the other fields keep their values for the next gift
OF_ONE_GIFT = ("amount", "fee", "check_number", "tribute_name", "notify_name", "notify_address")


@dataclass(frozen=True, slots=True)
class GiftForm:
    """A form of a gift: the key of its fields, what they offer, and what they show at first.

    `base` is the organisation's currency; `gift` and `parts` are those of a gift to correct. An
    open form has all fields and shows what they come to as they are filled in; others have the
    fields that most gifts need.
    """

    key: str
    base: str
    currency: str
    purposes: PurposeChoices
    pledges: Mapping[int, str]
    no_pledge: str
    is_open: bool
    gift: gifts.GiftLine | None = None
    parts: tuple[gifts.Part, ...] = ()

    @property
    def details(self) -> GiftDetails:
        """The details of the gift to correct."""
        return self.gift.details if self.gift else GiftDetails()

    def chosen_currency(self) -> str:
        """Return the currency of the amount."""
        chosen = forms.field_value(self.key, "currency", str) if self.is_open else None
        return chosen or self.currency


@dataclass(frozen=True, slots=True)
class GiftValues:
    """What was filled in; `splits` is None in a form without the fields of parts."""

    amount: Money
    on: date
    method: str | None
    fund_id: int | None
    campaign_id: int | None
    pledge_id: int | None
    note: str | None
    splits: tuple[gifts.Part, ...] | None
    details: GiftDetails


def draw(form: GiftForm, db: Session) -> None:
    """Draw all fields; the caller has opened the form around them."""
    key, gift = form.key, form.gift
    left, right = st.columns(2)
    with left:
        forms.text(
            f"Amount ({form.chosen_currency()})",
            key,
            "amount",
            money_plain(gift.amount) if gift else "",
            placeholder=number(50, decimals=2),
            live=form.is_open,
        )
    with right:
        forms.day("Day", key, "on", gift.on if gift else today())
    if form.is_open:
        _draw_money(form, db)
    _draw_purpose(form)
    if form.pledges:
        forms.choice(
            "Pledge",
            key,
            "pledge",
            list(form.pledges),
            value=gift.pledge_id if gift else None,
            format_func=form.pledges.__getitem__,
            empty=form.no_pledge,
        )
    forms.text("Note", key, "note", (gift.note or "") if gift else "")
    _draw_details(form)


def _draw_money(form: GiftForm, db: Session) -> None:
    """Draw the currency and the fee, what the amount is worth, and what is left of it."""
    left, right = st.columns(2)
    with left:
        ask_currency(form.key, form.currency)
    with right:
        fee = form.details.fee
        forms.text(
            "Fee, included in the amount",
            form.key,
            "fee",
            money_plain(fee) if fee else "",
            placeholder=number(1.45, decimals=2),
            live=True,
        )
    currency = form.chosen_currency()
    on = forms.field_value(form.key, "on", date) or today()
    amount = previews.typed(form.key, "amount", currency)
    # a container of its own: a line that appears must not move the fields below, which would
    # lose what is typed at that moment
    with st.container(gap=None):
        previews.show_worth(db, amount, on, base=form.base)
        previews.show_net(form.key, currency)


def _draw_purpose(form: GiftForm) -> None:
    """Draw how it was given, and for what: one fund and campaign, or several."""
    left, right = st.columns(2)
    with left:
        method = form.gift.method if form.gift else None
        forms.choice(
            "How it was given", form.key, "method", gifts.METHODS, value=method, empty="Not said"
        )
    with right:
        rows = split_fields.ask_number(form.key, form.parts) if form.is_open else 1
        if not form.is_open:
            ask_fund(form.key, form.purposes)
    if rows > 1:
        split_fields.draw(form.key, form.purposes, form.parts, rows)
        amount = previews.typed(form.key, "amount", form.chosen_currency())
        split_fields.show_rest(form.key, rows, form.chosen_currency(), amount)
        return
    if form.is_open:
        ask_fund(form.key, form.purposes)
    ask_campaign(form.key, form.purposes)


def _draw_details(form: GiftForm) -> None:
    """Draw the receipt, the cheque and the tribute."""
    details, key = form.details, form.key
    with st.expander("Receipt, cheque, in honour of", expanded=details != GiftDetails()):
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            forms.text("Number of the cheque", key, "check_number", details.check_number)
        with right:
            # without a default value of its own, so that “Save and next” can set it
            st.session_state.setdefault(f"{key}_receipt", details.receipt)
            st.checkbox("The donor wants a receipt", key=f"{key}_receipt")
        cells = forms.cells()
        with next(cells):
            forms.choice(
                "Tribute",
                key,
                "tribute",
                gifts.TRIBUTES,
                value=details.tribute,
                empty="None",
            )
        with next(cells):
            forms.text("Of whom", key, "tribute_name", details.tribute_name)
        with next(cells):
            forms.text("Whom to notify", key, "notify_name", details.notify_name)
        with next(cells):
            st.text_area(
                "Their address",
                details.notify_address or "",
                key=f"{key}_notify_address",
                height=68,
            )


def values(form: GiftForm) -> GiftValues:
    """Return what was filled in.

    Raises:
        InvalidError: an amount cannot be read.
    """
    key, currency = form.key, form.chosen_currency()
    rows = split_fields.number(key) if form.is_open else 1
    splits = split_fields.parts(key, rows, currency) if form.is_open else None
    locale = current_actor().locale
    return GiftValues(
        amount=amount_input.amount(forms.text_value(key, "amount"), currency, locale=locale),
        on=forms.field_value(key, "on", date) or (form.gift.on if form.gift else today()),
        method=forms.field_value(key, "method", str),
        fund_id=None if splits else forms.field_value(key, "fund", int),
        campaign_id=None if splits else forms.field_value(key, "campaign", int),
        pledge_id=forms.field_value(key, "pledge", int),
        note=forms.field_value(key, "note", str),
        splits=splits,
        details=_details(form, currency),
    )


def _details(form: GiftForm, currency: str) -> GiftDetails:
    key = form.key
    details = GiftDetails(
        fee=form.details.fee,
        receipt=forms.field_value(key, "receipt", bool) is not False,
        check_number=forms.field_value(key, "check_number", str),
        tribute=forms.field_value(key, "tribute", str),
        tribute_name=forms.field_value(key, "tribute_name", str),
        notify_name=forms.field_value(key, "notify_name", str),
        notify_address=forms.field_value(key, "notify_address", str),
    )
    if not form.is_open:
        return details
    fee = forms.text_value(key, "fee").strip()
    locale = current_actor().locale
    return replace(details, fee=amount_input.amount(fee, currency, locale=locale) if fee else None)


def clear_for_next(form: GiftForm) -> None:
    """Empty the fields of one gift; day, method, fund, campaign and currency stay."""
    for name in OF_ONE_GIFT:
        st.session_state[f"{form.key}_{name}"] = ""
    for name in ("note", "who"):
        st.session_state[f"{form.key}_{name}"] = ""
    for name in ("pledge", "tribute"):
        st.session_state[f"{form.key}_{name}"] = None
    st.session_state[f"{form.key}_receipt"] = True
    split_fields.clear(form.key)
