"""Dialog of a new pledge, and after it the gifts of the donor that may belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from app import gifts, pledges
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import amount_input
from app.ui.base.formats import count, day, escape, money, number
from app.ui.base.session import current_actor, now, today
from app.ui.pledges import fields
from app.ui.pledges.forms import pledge_label
from app.ui.widgets import focus, forms
from app.ui.widgets.currencies import ask_currency
from app.ui.widgets.purposes import PurposeChoices, ask_campaign, ask_fund, purpose_choices

NEW, LINKS = "new_pledge", "new_pledge_gifts"
_SAVED = "saved_pledge"


@dataclass(frozen=True, slots=True)
class SavedPledge:
    """A pledge saved a moment ago, and the gifts that may belong to it."""

    pledge_id: int
    donor_id: int
    sentence: str
    offered: Sequence[gifts.Suggestion]


def _forget() -> None:
    st.session_state.pop(_SAVED, None)


@st.dialog("New pledge", icon=":material/event_repeat:", on_dismiss=_forget)
def create(donor_id: int, name: str) -> None:
    """Ask for a new pledge of this donor, then which of the gifts already given belong to it."""
    # first: once the gifts are linked, nothing is saved here any more, and a new form would open
    forms.close_when_done(LINKS)
    saved = st.session_state.get(_SAVED)
    if isinstance(saved, SavedPledge) and saved.donor_id == donor_id:
        st.session_state.pop(f"{NEW}_done", None)
        _ask_gifts(saved)
        return
    st.caption(f"Promised by {escape(name)}")
    with transaction(current_actor()) as db:
        purposes = purpose_choices(db)
        currency = organisation(db).currency
    with st.form(NEW, border=False):
        _draw(purposes, currency)
        forms.save_button("Save pledge", key=NEW, work=lambda db: _create(db, donor_id, currency))
    focus.on_first_field(NEW)


def _draw(purposes: PurposeChoices, currency: str) -> None:
    """Draw the fields of a new pledge."""
    cells = forms.cells()
    with next(cells):
        forms.text("Amount each time", NEW, "amount", placeholder=number(50, decimals=2))
    with next(cells):
        ask_currency(NEW, currency)
    with next(cells):
        forms.day("First due", NEW, "start", today())
    with next(cells):
        fields.ask_frequency(NEW)
    fields.ask_end(NEW)
    with next(cells):
        ask_fund(NEW, purposes, empty="Any fund")
    with next(cells):
        ask_campaign(NEW, purposes)
    with next(cells):
        fields.ask_method(NEW)
    with next(cells):
        fields.ask_day_of_month(NEW)
    fields.ask_grace(NEW)
    forms.text("Note", NEW, "note")


def _create(db: Session, donor_id: int, base: str) -> str:
    actor = current_actor()
    currency = forms.field_value(NEW, "currency", str) or base
    typed = forms.text_value(NEW, "amount")
    amount = amount_input.amount(typed, currency, locale=actor.locale)
    frequency = forms.choice_value(NEW, "frequency", str)
    pledge_id = pledges.create(
        db,
        actor,
        donor_id=donor_id,
        amount=amount,
        frequency=frequency,
        start=forms.field_value(NEW, "start", date) or today(),
        anchor=forms.field_value(NEW, "anchor", int),
        end=forms.field_value(NEW, "end", date),
        instalments=forms.field_value(NEW, "instalments", int),
        total=fields.total_value(NEW, currency),
        fund_id=forms.field_value(NEW, "fund", int),
        campaign_id=forms.field_value(NEW, "campaign", int),
        method=forms.field_value(NEW, "method", str),
        note=forms.field_value(NEW, "note", str),
        grace=forms.field_value(NEW, "grace", int),
    )
    sentence = f"Saved the pledge of {pledge_label(amount, frequency)}."
    offered = gifts.suggestions(db, actor, today=today(), pledge_id=pledge_id)
    if offered:
        st.session_state[_SAVED] = SavedPledge(pledge_id, donor_id, sentence, offered)
    return sentence


def _ask_gifts(saved: SavedPledge) -> None:
    """List the unlinked gifts that may pay the new pledge, to link those that do."""
    st.success(escape(saved.sentence), icon=":material/check:")
    st.markdown(f"**{count(len(saved.offered), 'gift')} may belong to it.** Which ones do?")
    with st.form(LINKS, border=False):
        for gift in saved.offered:
            st.checkbox(
                escape(f"{money(gift.amount)} on {day(gift.on, today=today())}"),
                value=len(gift.pledge_ids) == 1,
                key=f"{LINKS}_{gift.gift_id}",
            )
        forms.save_button(
            "Link the chosen gifts", key=LINKS, icon="link", work=lambda db: _link(db, saved)
        )
        st.form_submit_button(
            "None of them", type="tertiary", width="stretch", on_click=_skip, args=(saved,)
        )


def _link(db: Session, saved: SavedPledge) -> str:
    chosen = [
        gift.gift_id for gift in saved.offered if forms.field_value(LINKS, str(gift.gift_id), bool)
    ]
    for gift_id in chosen:
        gifts.link(
            db,
            current_actor(),
            gift_id=gift_id,
            pledge_id=saved.pledge_id,
            today=today(),
            now=now(),
        )
    _forget()
    return f"{saved.sentence} Linked {count(len(chosen), 'gift')}."


def _skip(saved: SavedPledge) -> None:
    """Link nothing; the gifts stay one-time gifts and are offered again on other screens."""
    _forget()
    st.session_state[f"{LINKS}_done"] = saved.sentence
