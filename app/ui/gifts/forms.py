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

GIFT, MEND, BACK = "new_gift", "correct_gift", "take_back"
FREQUENT = ("check", "card", "bank transfer", "cash")


@st.dialog("Record gift", icon=":material/redeem:")
def record(donor_id: int | None = None, name: str = "") -> None:
    """Ask for a gift of this donor, or of a donor searched for in the dialog."""
    if donor_id is None:
        donor_id = _who()
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
            forms.choice("Fund", GIFT, "fund", list(names), spelled=names.get, empty="No fund")  # type: ignore[arg-type]
        if promised:
            spelled = {one.pledge_id: _promise(one) for one in promised}
            forms.choice(
                "Pledge",
                GIFT,
                "pledge",
                list(spelled),
                spelled=spelled.__getitem__,
                empty="Find the fitting one",
            )
        forms.text("Note", GIFT, "note")
        forms.save("Record gift", key=GIFT, work=lambda db: _record(db, donor_id, currency))


def _who() -> int | None:
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
        found = donors.search(db, actor, query=query or "", limit=8)
    if not found:
        st.caption(
            "Nobody is called that. Add the donor on the Donors page first."
            if len(query or "") > 1
            else "Type at least two letters."
        )
        return None
    names = {one.donor_id: one for one in found}
    return st.radio(
        "Donor",
        list(names),
        format_func=lambda key: escape(names[key].name),
        key=f"{GIFT}_donor",
        captions=[escape(one.email or one.city) for one in found],
    )


def _promise(one: pledges.PledgeLine) -> str:
    return f"{money(one.amount)} {one.frequency}, since {one.start.year}"


def _record(db: Session, donor_id: int, currency: str) -> str:
    actor = current_actor()
    recorded = gifts.record(
        db,
        actor,
        donor_id=donor_id,
        amount=read.amount(forms.typed(GIFT, "amount") or "", currency, locale=actor.locale),
        on=forms.typed(GIFT, "on") or today(),
        method=forms.typed(GIFT, "method"),
        fund_id=forms.typed(GIFT, "fund"),
        pledge_id=forms.typed(GIFT, "pledge"),
        note=forms.typed(GIFT, "note"),
        today=today(),
        now=now(),
    )
    return recorded.sentence


@st.dialog("Correct a gift", icon=":material/edit:")
def correct(gift: gifts.GiftLine) -> None:
    """Ask for corrections of a gift, including the pledge it pays."""
    st.caption(f"From {escape(gift.donor_name)}")
    options = _correction_options(gift)
    with st.form(MEND, border=False):
        left, right = st.columns(2)
        with left:
            forms.text(f"Amount ({gift.amount.currency})", MEND, "amount", str(gift.amount))
            forms.choice(
                "How it was given",
                MEND,
                "method",
                gifts.METHODS,
                value=gift.method,
                empty="Not said",
            )
        with right:
            forms.day("Day", MEND, "on", gift.on)
            forms.choice(
                "Fund",
                MEND,
                "fund",
                list(options.funds),
                value=options.fund_id,
                spelled=options.funds.__getitem__,
                empty="No fund",
            )
        if options.pledges:
            forms.choice(
                "Pledge",
                MEND,
                "pledge",
                list(options.pledges),
                value=gift.pledge_id,
                spelled=options.pledges.__getitem__,
                empty="No pledge: a one-time gift",
            )
        forms.text("Note", MEND, "note", gift.note or "")
        forms.save("Save", key=MEND, work=lambda db: _correct(db, gift))


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
        known = gifts.funds(db)
        promised = pledges.pledge_statuses(
            db, actor, today=today(), filter=pledges.PledgeFilter(gift.donor_id)
        )
    fund_id = next((one.fund_id for one in known if one.name == gift.fund), None)
    return _CorrectionOptions(
        fund_id=fund_id,
        funds={one.fund_id: one.name for one in known if one.open or one.fund_id == fund_id},
        pledges={
            one.pledge_id: _promise(one)
            for one in promised
            if one.status == "active" or one.pledge_id == gift.pledge_id
        },
    )


def _correct(db: Session, gift: gifts.GiftLine) -> str:
    actor, currency = current_actor(), gift.amount.currency
    gifts.correct(
        db,
        actor,
        gift_id=gift.gift_id,
        version=gift.version,
        amount=read.amount(forms.typed(MEND, "amount") or "", currency, locale=actor.locale),
        on=forms.typed(MEND, "on") or gift.on,
        method=forms.typed(MEND, "method"),
        fund_id=forms.typed(MEND, "fund"),
        pledge_id=forms.typed(MEND, "pledge"),
        note=forms.typed(MEND, "note"),
        today=today(),
        now=now(),
    )
    return f"Corrected the gift of {gift.donor_name}."


@st.dialog("Reverse a gift", icon=":material/undo:")
def reverse(gift: gifts.GiftLine) -> None:
    """Ask for a full or partial reversal; the gift itself stays stored."""
    left = gift.amount - gift.taken_back
    st.write(
        f"{escape(money(gift.amount))} from {escape(gift.donor_name)} on "
        f"{day(gift.on, today=today())}. A line of minus the amount is added; "
        "the gift stays, and every sum follows."
    )
    with st.form(BACK, border=False):
        forms.text(f"Amount to take back ({left.currency})", BACK, "amount", str(left))
        forms.day("Day", BACK, "on", today())
        forms.text("Why", BACK, "reason", placeholder="Cheque bounced")
        forms.save(
            "Reverse", key=BACK, icon="undo", work=lambda db: _take_back(db, gift.gift_id, left)
        )


def _take_back(db: Session, gift_id: int, left: Money) -> str:
    actor = current_actor()
    back = read.amount(forms.typed(BACK, "amount") or "", left.currency, locale=actor.locale)
    on: date = forms.typed(BACK, "on") or today()
    gifts.reverse(
        db,
        actor,
        gift_id=gift_id,
        amount=back,
        on=on,
        reason=forms.typed(BACK, "reason"),
        today=today(),
        now=now(),
    )
    return f"Took back {money(back)}."


def thank(gift_id: int, name: str) -> None:
    """Mark a gift as thanked."""

    def work(db: Session) -> str:
        gifts.thank(db, current_actor(), gift_id=gift_id, how=None, now=now())
        return f"Thanked {name}."

    forms.do("thank", work)
