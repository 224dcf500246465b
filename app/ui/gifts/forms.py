"""Dialogs about gifts: record, correct, reverse."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import donors, gifts, pledges
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import amount_input as read
from app.kit.money import Money
from app.ui.base.formats import day, escape, money, money_plain
from app.ui.base.session import current_actor, now, today
from app.ui.gifts import fields
from app.ui.widgets import focus, forms
from app.ui.widgets.purposes import PurposeChoices, purpose_choices

GIFT, CORRECTION, REVERSAL = "new_gift", "correct_gift", "take_back"
# the sentence about the gift saved with "Save and next"
_SAVED = f"{GIFT}_saved"
# how many were saved with it
_NUMBER = f"{GIFT}_number"


# on_dismiss="rerun": the page behind then shows the gifts of "Save and next", and the fields of
# the closed dialog do not keep their values for another donor
@st.dialog("Record gift", icon=":material/redeem:", on_dismiss="rerun")
def record(donor_id: int | None = None, name: str = "") -> None:
    """Ask for a gift of this donor, or of a donor searched for in the dialog."""
    _show_saved()
    if donor_id is None:
        donor_id = _ask_donor()
        if donor_id is None:
            _focus()
            return
    else:
        st.caption(f"From {escape(name)}")
    actor, is_open = current_actor(), _ask_open(GIFT)
    with transaction(actor) as db:
        promised = pledges.pledge_statuses(
            db, actor, today=today(), filter=pledges.PledgeFilter(donor_id, statuses=("active",))
        )
        currency = organisation(db).currency
        form = fields.GiftForm(
            key=GIFT,
            base=currency,
            currency=currency,
            purposes=purpose_choices(db),
            pledges={pledge.pledge_id: _pledge_label(pledge) for pledge in promised},
            no_pledge="Find the fitting one",
            is_open=is_open,
        )
        with _opened(form):
            fields.draw(form, db)
            _save_button(form, "Record gift", lambda db: _record(db, donor_id, form))
            _next_button(form, lambda db: _record(db, donor_id, form))
            forms.show_refusal(GIFT)
    _focus()
    forms.close_when_done(GIFT)


def _focus() -> None:
    """Move the focus to the first field, when the dialog opens and after "Save and next"."""
    focus.on_first_field(f"{GIFT}_{st.session_state.get(_NUMBER, 0)}")


def _ask_open(key: str, *, value: bool = False) -> bool:
    """Draw the switch for the fields that few gifts need; return whether it is on."""
    return st.toggle("Several funds, another currency or a fee", value=value, key=f"{key}_open")


def _opened(form: fields.GiftForm) -> DeltaGenerator:
    """Return the container of the fields.

    In a form Enter saves. The fields of an open form show at once what they come to, which those
    of a form cannot.
    """
    return st.container() if form.is_open else st.form(form.key, border=False)


def _save_button(form: fields.GiftForm, label: str, work: forms.Work) -> None:
    act = partial(forms.run, form.key, work)
    _button(form, label, act, icon="check", primary=True)


def _next_button(form: fields.GiftForm, work: forms.Work) -> None:
    act = partial(_run_and_continue, form, work)
    _button(form, "Save and next", act, icon="playlist_add", primary=False)


def _button(
    form: fields.GiftForm, label: str, act: Callable[[], None], *, icon: str, primary: bool
) -> None:
    """Draw a button that saves, of a form or of an open one."""
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if not form.is_open:
        st.form_submit_button(
            label, type=kind, icon=f":material/{icon}:", on_click=act, width="stretch"
        )
        return
    st.button(
        label,
        type=kind,
        icon=f":material/{icon}:",
        on_click=act,
        width="stretch",
        key=f"{form.key}_{'save' if primary else 'next'}",
        shortcut="Ctrl+Enter" if primary else None,
    )


def _run_and_continue(form: fields.GiftForm, work: forms.Work) -> None:
    """Save a gift and empty the fields of that one gift; the dialog stays open."""
    forms.run(form.key, work)
    sentence = st.session_state.pop(f"{form.key}_done", None)
    if sentence is not None:
        st.session_state[_SAVED] = sentence
        st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1
        fields.clear_for_next(form)


def _show_saved() -> None:
    sentence = st.session_state.pop(_SAVED, None)
    if sentence is not None:
        st.success(escape(sentence), icon=":material/check:")


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


def _record(db: Session, donor_id: int, form: fields.GiftForm) -> str:
    values = fields.values(form)
    recorded = gifts.record(
        db,
        current_actor(),
        donor_id=donor_id,
        amount=values.amount,
        on=values.on,
        method=values.method,
        fund_id=values.fund_id,
        campaign_id=values.campaign_id,
        pledge_id=values.pledge_id,
        note=values.note,
        splits=values.splits or (),
        details=values.details,
        today=today(),
        now=now(),
    )
    return recorded.sentence


@st.dialog("Correct a gift", icon=":material/edit:", on_dismiss="rerun")
def correct(gift: gifts.GiftLine) -> None:
    """Ask for corrections of a gift, including the pledge it pays."""
    st.caption(f"From {escape(gift.donor_name)}")
    actor = current_actor()
    with transaction(actor) as db:
        parts = gifts.parts(db, actor, [gift.gift_id]).get(gift.gift_id, ())
        base = organisation(db).currency
        is_special = bool(parts) or gift.details.fee is not None or gift.amount.currency != base
        form = fields.GiftForm(
            key=CORRECTION,
            base=base,
            currency=gift.amount.currency,
            purposes=_purposes(db, gift, parts),
            pledges=_pledge_options(db, gift),
            no_pledge="No pledge: a one-time gift",
            is_open=_ask_open(CORRECTION, value=is_special) or bool(parts),
            gift=gift,
            parts=parts,
        )
        with _opened(form):
            fields.draw(form, db)
            _save_button(form, "Save", lambda db: _correct(db, gift, form))
            forms.show_refusal(CORRECTION)
    forms.close_when_done(CORRECTION)


def _purposes(db: Session, gift: gifts.GiftLine, parts: Sequence[gifts.Part]) -> PurposeChoices:
    """Return what is open, and also what the gift and its parts have already."""
    return purpose_choices(
        db,
        fund_id=gift.fund_id,
        campaign_id=gift.campaign_id,
        also_funds=[part.fund_id for part in parts],
        also_campaigns=[part.campaign_id for part in parts],
    )


def _pledge_options(db: Session, gift: gifts.GiftLine) -> dict[int, str]:
    """Return the active pledges of the donor, and also the one that the gift pays."""
    promised = pledges.pledge_statuses(
        db, current_actor(), today=today(), filter=pledges.PledgeFilter(gift.donor_id)
    )
    return {
        pledge.pledge_id: _pledge_label(pledge)
        for pledge in promised
        if pledge.status == "active" or pledge.pledge_id == gift.pledge_id
    }


def _correct(db: Session, gift: gifts.GiftLine, form: fields.GiftForm) -> str:
    values = fields.values(form)
    gifts.correct(
        db,
        current_actor(),
        gift_id=gift.gift_id,
        version=gift.version,
        amount=values.amount,
        on=values.on,
        method=values.method,
        fund_id=values.fund_id,
        campaign_id=values.campaign_id,
        pledge_id=values.pledge_id,
        note=values.note,
        splits=values.splits,
        details=values.details,
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
        forms.text(f"Amount to take back ({most.currency})", REVERSAL, "amount", money_plain(most))
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
