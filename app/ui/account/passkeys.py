"""Passkeys: the list on My settings, and links to the pages that call the browser's API."""

from html import escape as html
from urllib.parse import urlencode, urlsplit

import streamlit as st

from app import accounts
from app.accounts import Actor, Passkey
from app.db import Session
from app.ui.base.formats import escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

ADD, RENAME, REMOVE = "passkey_add", "passkey_rename", "passkey_remove"
SIGN_IN_PAGE, ADD_PAGE = "/sign-in/passkey", "/account/passkeys/add"


def offer() -> None:
    """Draw the link to the page that signs in with a passkey and returns to this address."""
    if accounts.passkeys_available():
        link("Sign in with a passkey", f"{SIGN_IN_PAGE}?{urlencode({'next': _here()})}")


def link(label: str, address: str, *, primary: bool = False) -> None:
    """Draw a link styled as a button that opens in this tab; st.link_button opens a new one."""
    kind = "linkbutton primary" if primary else "linkbutton"
    st.html(f'<a class="{kind}" href="{html(address)}">{html(label)}</a>')


def section(actor: Actor, found: list[Passkey]) -> None:
    """List the actor's passkeys with the buttons to rename, remove and add."""
    with st.container(border=True, key="list_passkeys"):
        st.subheader("Passkeys")
        st.markdown(
            "Sign in with your fingerprint, face or device PIN, without a password or code. "
            "A new password and signing out other devices do not remove passkeys: remove the one "
            "of a device you no longer have."
        )
        for one in found:
            _entry(actor, one)
        if st.session_state.pop(f"{ADD}_ready", False):
            link("Continue on the next page", ADD_PAGE, primary=True)
        elif accounts.passkeys_available():
            st.button(
                "Add a passkey", icon=":material/add:", on_click=forms.do, args=(ADD, _may_add)
            )
        else:
            st.caption(accounts.NO_PASSKEYS_HERE)


def _entry(actor: Actor, one: Passkey) -> None:
    what, ask = st.columns([5, 2], vertical_alignment="center")
    added = moment(one.created_at, actor.time_zone, today=today())
    used = "not used yet"
    if one.last_used_at is not None:
        used = f"last used {moment(one.last_used_at, actor.time_zone, today=today())}"
    synced = " · synchronised between your devices" if one.backed_up else ""
    what.markdown(f"**{escape(one.name)}**  \n:gray[added {added} · {used}{synced}]")
    with ask.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "",
            key=f"rename_passkey_{one.id}",
            icon=":material/edit:",
            type="tertiary",
            help=f"Rename {escape(one.name)}",
        ):
            _rename(one)
        if st.button(
            "",
            key=f"remove_passkey_{one.id}",
            icon=":material/delete:",
            type="tertiary",
            help=f"Remove {escape(one.name)}",
        ):
            _remove(one)


def _may_add(db: Session) -> str:
    """Require a confirmation, then offer the page on which the browser creates the passkey."""
    accounts.require_confirmed(db, current_actor(), now=now())
    st.session_state[f"{ADD}_ready"] = True
    return "Continue on the next page."


@st.dialog("Rename the passkey", icon=":material/edit:")
def _rename(one: Passkey) -> None:
    def work(db: Session) -> str:
        name = forms.typed(RENAME, "name") or ""
        accounts.rename_passkey(db, current_actor(), passkey_id=one.id, name=name)
        return "The passkey is renamed."

    with st.form(RENAME, border=False):
        forms.text("Name", RENAME, "name", one.name, max_chars=60)
        forms.save("Rename", key=RENAME, work=work, icon="edit")


@st.dialog("Remove the passkey", icon=":material/delete:")
def _remove(one: Passkey) -> None:
    def work(db: Session) -> str:
        accounts.remove_passkey(db, current_actor(), passkey_id=one.id, now=now())
        return f"The passkey {one.name} is removed."

    st.markdown(
        f"**{escape(one.name)}** will no longer sign in to your account. Delete it on the device "
        "as well. You get a mail about this."
    )
    with st.form(REMOVE, border=False):
        forms.save("Remove", key=REMOVE, work=work, icon="delete")


def _here() -> str:
    """Return the path and query of this screen."""
    path = urlsplit(st.context.url or "/").path or "/"
    query = urlencode(
        [(name, one) for name in st.query_params for one in st.query_params.get_all(name)]
    )
    return f"{path}?{query}" if query else path
