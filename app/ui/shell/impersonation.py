"""Impersonation ("View as"): choice of the user, banner on every screen, and its end."""

import streamlit as st

from app import accounts
from app.accounts import Actor, Role
from app.db import Session, transaction, transaction_for_system
from app.kit.errors import DonorCrmError
from app.ui.base.formats import escape
from app.ui.base.session import current_actor, current_session
from app.ui.widgets import forms

VIEW, GO_HOME = "view_as", "view_go_home"
_PRESERVED = {"session_id", GO_HOME, "said"}


def forget_other(actor: Actor) -> None:
    """Clear the session state (filters, forms, chosen rows) if the user or viewer changed."""
    earlier = st.session_state.get("actor")
    if isinstance(earlier, Actor) and _identity(earlier) != _identity(actor):
        for name in set(st.session_state) - _PRESERVED:
            del st.session_state[name]


def _identity(actor: Actor) -> tuple[int, int | None]:
    return actor.user_id, actor.viewer_id


def show_button(actor: Actor) -> None:
    """Draw the button "View as" for administrators and supervisors."""
    may_look = actor.role in {Role.ADMIN, Role.SUPERVISOR} and not actor.looking
    if may_look and st.button("View as", icon=":material/visibility:", type="tertiary"):
        _ask_user()


@st.dialog("View the app as", icon=":material/visibility:")
def _ask_user() -> None:
    """Ask for the user to impersonate."""
    with transaction(current_actor()) as db:
        people = accounts.impersonation_choices(db, current_actor())
    if not people:
        st.write("You look after nobody yet. An administrator sets teams under People.")
        return
    with st.form(VIEW, border=False):
        forms.choice(
            "Person",
            VIEW,
            "person",
            list(people),
            format_func=people.__getitem__,
            value=next(iter(people)),
        )
        st.caption(
            "You see what they see and can change nothing. Start and end are recorded in the "
            "audit log."
        )
        forms.save_button("Look", key=VIEW, work=_begin, icon="visibility")


def _begin(db: Session) -> str:
    actor, session_id = current_actor(), current_session()
    accounts.impersonate(
        db,
        actor,
        session_id=session_id or "",
        user_id=int(forms.field_value(VIEW, "person", int) or 0),
    )
    st.session_state[GO_HOME] = True
    return "Read-only view."


def show_banner(actor: Actor) -> None:
    """Draw the banner with the impersonated user and the button that ends it."""
    if not actor.looking:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="view_as"):
        st.markdown(
            f":material/visibility: You are viewing as **{escape(actor.name)}**"
            f" ({actor.role.replace('_', ' ')}). Nothing can be changed.",
            width="stretch",
        )
        st.button("End View as", icon=":material/close:", on_click=_end)


def _end() -> None:
    try:
        # impersonation is read-only, so its end must be written with system rights
        with transaction_for_system(current_actor()) as db:
            accounts.end_impersonation(db, current_actor(), session_id=current_session() or "")
    except DonorCrmError as error:
        forms.announce_later(str(error), refused=True)
    else:
        st.session_state[GO_HOME] = True
        forms.announce_later("You are back in your own view.")
