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
MAY = {
    Scope.READ: "Read donors, gifts, pledges, tasks and figures",
    Scope.WRITE: "Add and change them",
    Scope.IMPORT: "Import files",
    Scope.EXPORT: "Export files",
}
DAYS = {30: "30 days", 90: "90 days", 365: "A year", None: "Until I end it"}
SHORT = {
    Scope.READ: "reads",
    Scope.WRITE: "changes",
    Scope.IMPORT: "imports",
    Scope.EXPORT: "exports",
}
_SHOWN = "_shown"


def api_tokens(actor: Actor, tokens: list[ApiTokenLine]) -> None:
    """Draw the list of API tokens and the button for a new one."""
    with st.container(border=True, key="programs"):
        st.subheader("API tokens")
        st.markdown(
            "A token lets a spreadsheet or a script work in your name through the "
            "[API](/api/v1/docs), without your password, and only for what you choose."
        )
        _once(NEW, "Copy the token now. It is shown only this once.")
        for one in (one for one in tokens if Scope.CALENDAR not in one.scopes):
            does = ", ".join(word for scope, word in SHORT.items() if scope in one.scopes)
            _line(one, actor, does)
        if st.button("New token", icon=":material/key:"):
            _ask()


def calendar(actor: Actor, tokens: list[ApiTokenLine]) -> None:
    """Draw the calendar addresses of the actor's own tasks."""
    with st.container(border=True, key="calendar"):
        st.subheader("Calendar")
        st.markdown(
            "Subscribe to your open tasks in the calendar of your phone or computer. Who has the "
            "address can read the titles of your tasks, so keep it to yourself."
        )
        _once(CALENDAR, "Copy the address into your calendar now. It is shown only this once.")
        made = [one for one in tokens if Scope.CALENDAR in one.scopes]
        for one in made:
            _line(one, actor, "shows your tasks")
        label = "Another address" if made else "Make an address"
        st.button(label, icon=":material/calendar_add_on:", on_click=_make_calendar)


def _line(one: ApiTokenLine, actor: Actor, does: str) -> None:
    who, end = st.columns([5, 1], vertical_alignment="center")
    used = "not used yet"
    if one.last_used_at:
        used = f"used {moment(one.last_used_at, actor.time_zone, today=today())}"
    until = ""
    if one.expires_at:
        until = moment(one.expires_at, actor.time_zone, today=today()).removeprefix("on ")
        until = f" · until {until}"
    who.markdown(f"**{escape(one.name)}** · {does}  \n:gray[{used}{until}]")
    end.button(
        "End",
        key=f"{END}_{one.id}",
        icon=":material/link_off:",
        type="tertiary",
        help=f"End {escape(one.name)} at once",
        on_click=_end,
        args=(one.id, one.name),
    )


def _once(kind: str, words: str) -> None:
    """Show a new secret until the user confirms having copied it."""
    shown = st.session_state.get(f"{kind}{_SHOWN}")
    if shown is None:
        return
    st.info(words, icon=":material/key:")
    st.code(shown, language=None, wrap_lines=True)
    if st.button("I have it", key=f"{kind}_kept", type="primary", icon=":material/check:"):
        del st.session_state[f"{kind}{_SHOWN}"]
        st.rerun()


@st.dialog("New token", icon=":material/key:")
def _ask() -> None:
    with st.form(NEW, border=False):
        forms.text(
            "What will use it?", NEW, "name", placeholder="My gift spreadsheet", max_chars=60
        )
        st.multiselect(
            "What may it do?",
            list(MAY),
            default=[Scope.READ],
            format_func=MAY.__getitem__,
            key=f"{NEW}_scopes",
            placeholder="Choose at least one",
        )
        forms.choice("For how long?", NEW, "days", list(DAYS), value=90, spelled=_lasts)
        forms.save("Make token", key=NEW, work=_make, icon="key")


def _lasts(days: int | None) -> str:
    return DAYS[days]


def _make(db: Session) -> str:
    days = forms.typed(NEW, "days")
    token = accounts.create_api_token(
        db,
        current_actor(),
        name=forms.typed(NEW, "name") or "",
        now=now(),
        scopes=frozenset(forms.typed(NEW, "scopes") or ()),
        lasts=timedelta(days=days) if days else None,
    )
    st.session_state[f"{NEW}{_SHOWN}"] = token
    return "The token is made."


def _make_calendar() -> None:
    def work(db: Session) -> str:
        token = accounts.create_api_token(
            db, current_actor(), name="Calendar", scopes=frozenset({Scope.CALENDAR}), now=now()
        )
        address = f"{settings().public_url}/api/v1/calendar/{token}.ics"
        st.session_state[f"{CALENDAR}{_SHOWN}"] = address
        return "The address is made."

    forms.do(CALENDAR, work)


def _end(token_id: int, name: str) -> None:
    def work(db: Session) -> str:
        accounts.revoke_api_token(db, current_actor(), token_id=token_id, now=now())
        return f"{name} can no longer come in."

    forms.do(END, work)
