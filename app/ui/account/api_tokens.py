"""My settings: API tokens, and the subscription address of the task calendar."""

from datetime import timedelta

import streamlit as st

from app import accounts
from app.accounts import Actor, ApiTokenLine, Scope
from app.db import Session
from app.settings import settings
from app.ui.base.formats import escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

NEW, END, CALENDAR = "new_token", "end_token", "calendar"
SCOPE_LABELS = {
    Scope.READ: "Read donors, gifts, pledges, tasks and figures",
    Scope.WRITE: "Add and change them",
    Scope.IMPORT: "Import files",
    Scope.EXPORT: "Export files",
}
LIFETIMES = {30: "30 days", 90: "90 days", 365: "A year", None: "Until I end it"}
SCOPE_VERBS = {
    Scope.READ: "reads",
    Scope.WRITE: "changes",
    Scope.IMPORT: "imports",
    Scope.EXPORT: "exports",
}
_SHOWN_ONCE = "_shown"


def show_tokens(actor: Actor, tokens: list[ApiTokenLine]) -> None:
    """Draw the list of API tokens and the button for a new one."""
    with st.container(border=True, key="programs"):
        st.subheader("API tokens")
        st.markdown(
            "A token lets a spreadsheet or a script work in your name through the "
            "[API](/api/v1/docs), without your password, and only for what you choose."
        )
        _show_secret_once(NEW, "Copy the token now. It is shown only this once.")
        for token in (token for token in tokens if Scope.CALENDAR not in token.scopes):
            permissions = ", ".join(
                verb for scope, verb in SCOPE_VERBS.items() if scope in token.scopes
            )
            _show_token(token, actor, permissions)
        if st.button("New token", icon=":material/key:"):
            _ask_new_token()


def show_calendar(actor: Actor, tokens: list[ApiTokenLine]) -> None:
    """Draw the calendar addresses of the actor's own tasks."""
    with st.container(border=True, key="calendar"):
        st.subheader("Calendar")
        st.markdown(
            "Subscribe to your open tasks in the calendar of your phone or computer. Who has the "
            "address can read the titles of your tasks, so keep it to yourself."
        )
        _show_secret_once(
            CALENDAR, "Copy the address into your calendar now. It is shown only this once."
        )
        calendar_tokens = [token for token in tokens if Scope.CALENDAR in token.scopes]
        for token in calendar_tokens:
            _show_token(token, actor, "shows your tasks")
        label = "Another address" if calendar_tokens else "Make an address"
        st.button(label, icon=":material/calendar_add_on:", on_click=_create_calendar_address)


def _show_token(token: ApiTokenLine, actor: Actor, permissions: str) -> None:
    details, action = st.columns([5, 1], vertical_alignment="center")
    used = "not used yet"
    if token.last_used_at:
        used = f"used {moment(token.last_used_at, actor.time_zone, today=today())}"
    until = ""
    if token.expires_at:
        until = moment(token.expires_at, actor.time_zone, today=today()).removeprefix("on ")
        until = f" · until {until}"
    details.markdown(f"**{escape(token.name)}** · {permissions}  \n:gray[{used}{until}]")
    action.button(
        "End",
        key=f"{END}_{token.id}",
        icon=":material/link_off:",
        type="tertiary",
        help=f"End {escape(token.name)} at once",
        on_click=_end,
        args=(token.id, token.name),
    )


def _show_secret_once(kind: str, message: str) -> None:
    """Show a new secret until the user confirms having copied it."""
    secret = st.session_state.get(f"{kind}{_SHOWN_ONCE}")
    if secret is None:
        return
    st.info(message, icon=":material/key:")
    st.code(secret, language=None, wrap_lines=True)
    if st.button("I have it", key=f"{kind}_kept", type="primary", icon=":material/check:"):
        del st.session_state[f"{kind}{_SHOWN_ONCE}"]
        st.rerun()


@st.dialog("New token", icon=":material/key:")
def _ask_new_token() -> None:
    with st.form(NEW, border=False):
        forms.text(
            "What will use it?", NEW, "name", placeholder="My gift spreadsheet", max_chars=60
        )
        st.multiselect(
            "What may it do?",
            list(SCOPE_LABELS),
            default=[Scope.READ],
            format_func=SCOPE_LABELS.__getitem__,
            key=f"{NEW}_scopes",
            placeholder="Choose at least one",
        )
        forms.choice(
            "For how long?", NEW, "days", list(LIFETIMES), value=90, format_func=_lifetime_label
        )
        forms.save_button("Make token", key=NEW, work=_create_token, icon="key")


def _lifetime_label(days: int | None) -> str:
    return LIFETIMES[days]


def _create_token(db: Session) -> str:
    days = forms.field_value(NEW, "days", int)
    token = accounts.create_api_token(
        db,
        current_actor(),
        name=forms.text_value(NEW, "name"),
        now=now(),
        scopes=frozenset(forms.field_value(NEW, "scopes", list) or ()),
        lasts=timedelta(days=days) if days else None,
    )
    st.session_state[f"{NEW}{_SHOWN_ONCE}"] = token
    return "The token is created."


def _create_calendar_address() -> None:
    def work(db: Session) -> str:
        token = accounts.create_api_token(
            db, current_actor(), name="Calendar", scopes=frozenset({Scope.CALENDAR}), now=now()
        )
        address = f"{settings().public_url}/api/v1/calendar/{token}.ics"
        st.session_state[f"{CALENDAR}{_SHOWN_ONCE}"] = address
        return "The address is created."

    forms.run_and_announce(CALENDAR, work)


def _end(token_id: int, name: str) -> None:
    def work(db: Session) -> str:
        accounts.revoke_api_token(db, current_actor(), token_id=token_id, now=now())
        return f"{name} can no longer sign in."

    forms.run_and_announce(END, work)
