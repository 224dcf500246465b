"""The demonstration's sign-ins, and the way out of it."""

from collections.abc import Callable

import streamlit as st

from app import accounts, demo
from app.accounts import Actor
from app.db import Session, transaction_for_system
from app.settings import settings
from app.ui.base.formats import escape
from app.ui.base.session import caller, device, now
from app.ui.signin import database_switch

LEAVING = "leaving_demonstration"


def is_shown() -> bool:
    """Return whether this installation shows the demonstration."""
    return settings().demonstration


def show_sign_ins(open_session: Callable[[Session, int], None]) -> None:
    """Draw a button for each of the demonstration's accounts: their password is public."""
    st.info(
        "This is a demonstration with invented people. Whose day do you want to see?",
        icon=":material/explore:",
    )
    for sign_in in demo.SIGN_INS:
        label = f"{sign_in.name} · {sign_in.role.replace('_', ' ')}"
        if st.button(label, key=f"as_{sign_in.email}", width="stretch"):
            with transaction_for_system() as db:
                actor = accounts.sign_in(
                    db,
                    email=sign_in.email,
                    password=sign_in.password,
                    now=now(),
                    caller=caller(),
                    device=device(),
                )
                if isinstance(actor, Actor):
                    open_session(db, actor.user_id)
            if not isinstance(actor, Actor):
                st.error(
                    f"{escape(sign_in.name)} has another password or a second factor by now. "
                    "Sign in with the form below.",
                    icon=":material/lock:",
                )


def show_way_out() -> None:
    """Draw the button that leaves the demonstration for an organisation of one's own."""
    st.caption("A demonstration with invented people.")
    database_switch.show_button(
        "Start my organisation", database_switch.LEAVE, icon="rocket_launch", primary=True
    )
