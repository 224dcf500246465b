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


def show_sign_in_link() -> None:
    """Draw the link to the page that signs in with a passkey and returns to this address."""
    if accounts.passkeys_available():
        show_link(
            "Sign in with a passkey", f"{SIGN_IN_PAGE}?{urlencode({'next': _current_address()})}"
        )


def show_link(label: str, address: str, *, primary: bool = False) -> None:
    """Draw a link styled as a button that opens in this tab; st.link_button opens a new one."""
    kind = "linkbutton primary" if primary else "linkbutton"
    st.html(f'<a class="{kind}" href="{html(address)}">{html(label)}</a>')


def show_section(actor: Actor, passkeys_of_actor: list[Passkey]) -> None:
    """List the actor's passkeys with the buttons to rename, remove and add."""
    with st.container(border=True, key="list_passkeys"):
        st.subheader("Passkeys")
        st.markdown(
            "Sign in with your fingerprint, face or device PIN, without a password or code. "
            "A new password and signing out other devices do not remove passkeys: remove the one "
            "of a device you no longer have."
        )
        for passkey in passkeys_of_actor:
            _show_passkey(actor, passkey)
        if st.session_state.pop(f"{ADD}_ready", False):
            show_link("Continue on the next page", ADD_PAGE, primary=True)
        elif accounts.passkeys_available():
            st.button(
                "Add a passkey",
                icon=":material/add:",
                on_click=forms.run_and_announce,
                args=(ADD, _allow_adding),
            )
        else:
            st.caption(accounts.NO_PASSKEYS_HERE)


def _show_passkey(actor: Actor, passkey: Passkey) -> None:
    details, actions = st.columns([5, 2], vertical_alignment="center")
    added = moment(passkey.created_at, actor.time_zone, today=today())
    used = "not used yet"
    if passkey.last_used_at is not None:
        used = f"last used {moment(passkey.last_used_at, actor.time_zone, today=today())}"
    synced = " · synchronised between your devices" if passkey.backed_up else ""
    details.markdown(f"**{escape(passkey.name)}**  \n:gray[added {added} · {used}{synced}]")
    with actions.container(horizontal=True, horizontal_alignment="right"):
        if st.button(
            "",
            key=f"rename_passkey_{passkey.id}",
            icon=":material/edit:",
            type="tertiary",
            help=f"Rename {escape(passkey.name)}",
        ):
            _rename(passkey)
        if st.button(
            "",
            key=f"remove_passkey_{passkey.id}",
            icon=":material/delete:",
            type="tertiary",
            help=f"Remove {escape(passkey.name)}",
        ):
            _remove(passkey)


def _allow_adding(db: Session) -> str:
    """Require a confirmation, then offer the page on which the browser creates the passkey."""
    accounts.require_confirmed(db, current_actor(), now=now())
    st.session_state[f"{ADD}_ready"] = True
    return "Continue on the next page."


@st.dialog("Rename the passkey", icon=":material/edit:")
def _rename(passkey: Passkey) -> None:
    def work(db: Session) -> str:
        name = forms.text_value(RENAME, "name")
        accounts.rename_passkey(db, current_actor(), passkey_id=passkey.id, name=name)
        return "The passkey is renamed."

    with st.form(RENAME, border=False):
        forms.text("Name", RENAME, "name", passkey.name, max_chars=60)
        forms.save_button("Rename", key=RENAME, work=work, icon="edit")


@st.dialog("Remove the passkey", icon=":material/delete:")
def _remove(passkey: Passkey) -> None:
    def work(db: Session) -> str:
        accounts.remove_passkey(db, current_actor(), passkey_id=passkey.id, now=now())
        return f"The passkey {passkey.name} is removed."

    st.markdown(
        f"**{escape(passkey.name)}** will no longer sign in to your account. Delete it on the "
        "device as well. You get a mail about this."
    )
    with st.form(REMOVE, border=False):
        forms.save_button("Remove", key=REMOVE, work=work, icon="delete")


def _current_address() -> str:
    """Return the path and query of this screen."""
    path = urlsplit(st.context.url or "/").path or "/"
    query = urlencode(
        [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    )
    return f"{path}?{query}" if query else path
