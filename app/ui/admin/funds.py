"""List of funds with what was given to them, and dialogs to create, change and merge them."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import gifts
from app.db import Session
from app.ui.admin import purposes
from app.ui.base.formats import count, day, escape, locale, money, number
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, tables

NEW, CHANGE = "new_fund", "change_fund"


def show_list(funds: Sequence[gifts.FundLine]) -> None:
    """Draw all funds, the open ones first, each with its actions."""
    if not funds:
        with st.container(border=True):
            tables.show_empty(
                "savings",
                "No funds yet. A fund says what a gift is for. An administrator creates the first "
                "one with “New fund”, or imports a file that names them.",
                guide="funds",
            )
        return
    is_open = sum(fund.open for fund in funds)
    closed = len(funds) - is_open
    st.caption(count(is_open, "open fund") + (f" · {number(closed)} closed" if closed else ""))
    names = {fund.fund_id: fund.name for fund in funds}
    with st.container(border=True, key="list_wrapped_funds"):
        for fund in purposes.searched(funds, lambda fund: fund.name, noun="fund"):
            purposes.show_row(
                _text(fund),
                f"fund_{fund.fund_id}",
                (
                    ("Change", "edit", partial(change, fund)),
                    ("Merge", "merge", partial(merge, fund, names)),
                ),
            )


def _text(fund: gifts.FundLine) -> str:
    code = f" · GL {escape(fund.gl_code)}" if fund.gl_code else ""
    closed = "" if fund.open else " :gray-badge[Closed]"
    given = "no gifts yet"
    if fund.last_gift_date is not None:
        last = day(fund.last_gift_date, today=today())
        total = escape(money(fund.total))
        given = f"{total} from {count(fund.gifts, 'gift')} · the last on {last}"
    if note := gifts.awaiting_note(fund.awaiting_rate, locale=locale()):
        given += f" · :material/warning: {escape(note)}"
    return f"**{escape(fund.name)}**{code}{closed}  \n:gray[{given}]"


@st.dialog("New fund", icon=":material/savings:")
def create() -> None:
    """Ask for the name and the code of a new fund."""

    def work(db: Session) -> str:
        name = forms.text_value(NEW, "name")
        gl_code = forms.text_value(NEW, "gl_code")
        gifts.create_fund(db, current_actor(), name=name, gl_code=gl_code)
        return f"Created the fund {name.strip()}."

    with st.form(NEW, border=False):
        _ask_fields(NEW, "", "")
        forms.save_button("Create fund", key=NEW, work=work)


def _ask_fields(key: str, name: str, gl_code: str) -> None:
    forms.text("Name", key, "name", name)
    forms.text(
        "GL code",
        key,
        "gl_code",
        gl_code,
        help="The account in your bookkeeping that gifts to this fund are booked to.",
        placeholder="Leave empty if you have none",
    )


@st.dialog("Change fund", icon=":material/edit:")
def change(fund: gifts.FundLine) -> None:
    """Ask for the name and the code of a fund, and whether it is open."""

    def work(db: Session) -> str:
        name = forms.text_value(CHANGE, "name")
        gifts.change_fund(
            db,
            current_actor(),
            fund_id=fund.fund_id,
            version=fund.version,
            name=name,
            gl_code=forms.text_value(CHANGE, "gl_code"),
            is_open=bool(forms.field_value(CHANGE, "open", bool)),
        )
        return f"Saved the fund {name.strip()}."

    with st.form(CHANGE, border=False):
        _ask_fields(CHANGE, fund.name, fund.gl_code or "")
        st.checkbox(
            "Open: offered for new gifts and pledges",
            fund.open,
            key=f"{CHANGE}_open",
            help="A closed fund keeps its gifts and stays in the filters.",
        )
        forms.save_button("Save", key=CHANGE, work=work)


@st.dialog("Merge fund", icon=":material/merge:")
def merge(fund: gifts.FundLine, names: dict[int, str]) -> None:
    """Ask into which fund, show what moves, and merge."""

    def effect(db: Session, into_id: int) -> str:
        actor = current_actor()
        moves = gifts.fund_merge_effect(db, actor, fund_id=fund.fund_id, into_id=into_id)
        return purposes.merge_text(moves.name, moves.into, str(moves))

    def work(db: Session, into_id: int) -> str:
        moved = gifts.merge_funds(
            db, current_actor(), fund_id=fund.fund_id, into_id=into_id, version=fund.version
        )
        return f"Merged {moved.name} into {moved.into}: {moved} moved."

    purposes.ask_merge("fund", fund.fund_id, names, effect=effect, merge=work)
