"""First run of an installation: look around in the demonstration, or start an organisation."""

import streamlit as st

from app.ui.signin import database_switch, setup_form
from app.ui.signin.setup_form import OpenSession

CHOSEN = "first_run"


def show(open_session: OpenSession) -> None:
    """Ask what to do with an installation without accounts, and do it."""
    if CHOSEN in st.session_state or database_switch.CODE in st.query_params:
        setup_form.show(open_session)
        st.button("Back", type="tertiary", icon=":material/arrow_back:", on_click=_forget_choice)
    else:
        _show_choice()


def _show_choice() -> None:
    st.title("Welcome to DonorCRM")
    st.caption("Who gave, who stopped, whom to thank, and how far to the goal.")
    with st.container(border=True):
        st.subheader("Start my organisation")
        st.write("With your own donors: a name, a currency and your account, in two minutes.")
        st.button(
            "Start my organisation",
            icon=":material/rocket_launch:",
            type="primary",
            width="stretch",
            on_click=_choose_own,
        )
    with st.container(border=True):
        st.subheader("Look around first")
        st.write(
            "A demonstration with 400 invented donors, in a database of its own. One click leaves "
            "it, and nothing of it stays in your organisation."
        )
        database_switch.show_button(
            "Show the demonstration", database_switch.ENTER, icon="explore"
        )


def _choose_own() -> None:
    st.session_state[CHOSEN] = True


def _forget_choice() -> None:
    st.session_state.pop(CHOSEN, None)
    st.query_params.pop(database_switch.CODE, None)
