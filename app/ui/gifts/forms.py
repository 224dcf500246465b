"""Dialogs about gifts: record, correct, reverse."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from app import donors, gifts, pledges
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import amount_input as read
from app.kit.money import Money
from app.ui.base.formats import day, escape, money
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

GIFT, CORRECTION, REVERSAL = "new_gift", "correct_gift", "take_back"
FREQUENT = ("check", "card", "bank transfer", "cash")


@st.dialog("Record gift", icon=":material/redeem:")
def record(donor_id: int | None = None, name: str = "") -> None:
    """Ask for a gift of this donor, or of a donor searched for in the dialog."""
    if donor_id is None:
        donor_id = _ask_donor()
        if donor_id is None:
            return
    else:
        st.caption(f"From {escape(name)}")
    actor = current_actor()
    with transaction(current_actor()) as db:
        funds = [fund for fund in gifts.funds(db) if fund.open]
        promised = pledges.pledge_statuses(
            db, actor, today=today(), filter=pledges.PledgeFilter(donor_id, statuses=("active",))
        )
        currency = organisation(db).currency
    with st.form(GIFT, border=False):
        left, right = st.columns(2)
        with left:
            forms.text(f"Amount ({currency})", GIFT, "amount", placeholder="50.00")
        with right:
            forms.day("Day", GIFT, "on", today())
        with left:
            forms.choice("How it was given", GIFT, "method", gifts.METHODS, empty="Not said")
        with right:
            names = {fund.fund_id: fund.name for fund in funds}
            forms.choice("Fund", GIFT, "fund", list(names), format_func=names.get, empty="No fund")  # type: ignore[arg-type]
        if promised:
            pledge_labels = {pledge.pledge_id: _pledge_label(pledge) for pledge in promised}
            forms.choice(
                "Pledge",
                GIFT,
                "pledge",
                list(pledge_labels),
                format_func=pledge_labels.__getitem__,
                empty="Find the fitting one",
            )
        forms.text("Note", GIFT, "note")
        forms.save_button("Record gift", key=GIFT, work=lambda db: _record(db, donor_id, currency))


def _ask_donor() -> int | None:
    actor = current_actor()
    query = st.text_input(
        "Who gave?",
        key=f"{GIFT}_who",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Name, e-mail or phone",
    )
    with transaction(current_actor()) as db:
        matches = donors.search(db, actor, query=query or "", limit=8)
    if not matches:
        st.caption(
            "No donor has this name. Add the donor on the Donors page first."
            if len(query or "") > 1
            else "Type at least two letters."
        )
        return None
    names = {donor.donor_id: donor for donor in matches}
    return st.radio(
        "Donor",
        list(names),
        format_func=lambda key: escape(names[key].name),
        key=f"{GIFT}_donor",
        captions=[escape(donor.email or donor.city) for donor in matches],
    )


def _pledge_label(pledge: pledges.PledgeLine) -> str:
    return f"{money(pledge.amount)} {pledge.frequency}, since {pledge.start.year}"


def _record(db: Session, donor_id: int, currency: str) -> str:
    actor = current_actor()
    recorded = gifts.record(
        db,
        actor,
        donor_id=donor_id,
        amount=read.amount(forms.text_value(GIFT, "amount"), currency, locale=actor.locale),
        on=forms.field_value(GIFT, "on", date) or today(),
        method=forms.field_value(GIFT, "method", str),
        fund_id=forms.field_value(GIFT, "fund", int),
        pledge_id=forms.field_value(GIFT, "pledge", int),
        note=forms.field_value(GIFT, "note", str),
        today=today(),
        now=now(),
    )
    return recorded.sentence


@st.dialog("Correct a gift", icon=":material/edit:")
def correct(gift: gifts.GiftLine) -> None:
    """Ask for corrections of a gift, including the pledge it pays."""
    st.caption(f"From {escape(gift.donor_name)}")
    options = _correction_options(gift)
    with st.form(CORRECTION, border=False):
        left, right = st.columns(2)
        with left:
            forms.text(f"Amount ({gift.amount.currency})", CORRECTION, "amount", str(gift.amount))
            forms.choice(
                "How it was given",
                CORRECTION,
                "method",
                gifts.METHODS,
                value=gift.method,
                empty="Not said",
            )
        with right:
            forms.day("Day", CORRECTION, "on", gift.on)
            forms.choice(
                "Fund",
                CORRECTION,
                "fund",
                list(options.funds),
                value=options.fund_id,
                format_func=options.funds.__getitem__,
                empty="No fund",
            )
        if options.pledges:
            forms.choice(
                "Pledge",
                CORRECTION,
                "pledge",
                list(options.pledges),
                value=gift.pledge_id,
                format_func=options.pledges.__getitem__,
                empty="No pledge: a one-time gift",
            )
        forms.text("Note", CORRECTION, "note", gift.note or "")
        forms.save_button("Save", key=CORRECTION, work=lambda db: _correct(db, gift))


@dataclass(frozen=True, slots=True)
class _CorrectionOptions:
    """The gift's fund, and the funds and pledges it can be moved to: id → label."""

    fund_id: int | None
    funds: dict[int, str]
    pledges: dict[int, str]


def _correction_options(gift: gifts.GiftLine) -> _CorrectionOptions:
    """Return open funds and active pledges, and also those that the gift has already."""
    actor = current_actor()
    with transaction(actor) as db:
        all_funds = gifts.funds(db)
        promised = pledges.pledge_statuses(
            db, actor, today=today(), filter=pledges.PledgeFilter(gift.donor_id)
        )
    fund_id = next((fund.fund_id for fund in all_funds if fund.name == gift.fund), None)
    return _CorrectionOptions(
        fund_id=fund_id,
        funds={
            fund.fund_id: fund.name for fund in all_funds if fund.open or fund.fund_id == fund_id
        },
        pledges={
            pledge.pledge_id: _pledge_label(pledge)
            for pledge in promised
            if pledge.status == "active" or pledge.pledge_id == gift.pledge_id
        },
    )


def _correct(db: Session, gift: gifts.GiftLine) -> str:
    actor, currency = current_actor(), gift.amount.currency
    gifts.correct(
        db,
        actor,
        gift_id=gift.gift_id,
        version=gift.version,
        amount=read.amount(forms.text_value(CORRECTION, "amount"), currency, locale=actor.locale),
        on=forms.field_value(CORRECTION, "on", date) or gift.on,
        method=forms.field_value(CORRECTION, "method", str),
        fund_id=forms.field_value(CORRECTION, "fund", int),
        pledge_id=forms.field_value(CORRECTION, "pledge", int),
        note=forms.field_value(CORRECTION, "note", str),
        today=today(),
        now=now(),
    )
    return f"Corrected the gift of {gift.donor_name}."


@st.dialog("Reverse a gift", icon=":material/undo:")
def reverse(gift: gifts.GiftLine) -> None:
    """Ask for a full or partial reversal; the gift itself stays stored."""
    most = gift.amount - gift.taken_back
    st.write(
        f"{escape(money(gift.amount))} from {escape(gift.donor_name)} on "
        f"{day(gift.on, today=today())}. A line of minus the amount is added; "
        "the gift stays, and every sum follows."
    )
    with st.form(REVERSAL, border=False):
        forms.text(f"Amount to take back ({most.currency})", REVERSAL, "amount", str(most))
        forms.day("Day", REVERSAL, "on", today())
        forms.text("Why", REVERSAL, "reason", placeholder="Cheque bounced")
        forms.save_button(
            "Reverse", key=REVERSAL, icon="undo", work=lambda db: _reverse(db, gift.gift_id, most)
        )


def _reverse(db: Session, gift_id: int, most: Money) -> str:
    actor = current_actor()
    amount = read.amount(forms.text_value(REVERSAL, "amount"), most.currency, locale=actor.locale)
    reversal_day: date = forms.field_value(REVERSAL, "on", date) or today()
    gifts.reverse(
        db,
        actor,
        gift_id=gift_id,
        amount=amount,
        on=reversal_day,
        reason=forms.field_value(REVERSAL, "reason", str),
        today=today(),
        now=now(),
    )
    return f"Took back {money(amount)}."


def thank(gift_id: int, name: str) -> None:
    """Mark a gift as thanked."""

    def work(db: Session) -> str:
        gifts.thank(db, current_actor(), gift_id=gift_id, how=None, now=now())
        return f"Thanked {name}."

    forms.run_and_announce("thank", work)
