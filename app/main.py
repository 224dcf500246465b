"""The Streamlit script: authentication, menu and error boundary around every screen."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from app import audit
from app.accounts import Actor
from app.db.errors import DatabaseError
from app.kit.errors import DonorCrmError
from app.ui.base import render_limit, theme
from app.ui.base.screens import BY_LINK, SCREENS, Screen
from app.ui.base.session import current_actor
from app.ui.help import link as help_link
from app.ui.help import not_open
from app.ui.shell import (
    closed_tabs,
    commands,
    error_boundary,
    frame,
    impersonation,
    page_script,
    stale_widgets,
)
from app.ui.signin import database_switch, demonstration, form, mfa_setup
from app.ui.widgets import forms, print_style

ASSETS = Path(__file__).parent / "ui" / "assets"
PRODUCT = "DonorCRM"


def page_of(screen: Screen, actor: Actor | None, fallback: Callable[[], None]) -> st.Page:
    """Return the page of a screen, showing `fallback` if the actor may not open it.

    Every screen is registered, so that its URL is kept during the sign-in.
    """
    allowed = actor is not None and screen.open_to(actor) and fallback is not mfa_setup.setup_page
    target: Path | Callable[[], None] = screen.path
    if not allowed:
        # a separate callable for each page: the framework identifies pages by it
        target = partial(fallback)
        if actor and fallback is not_open.show_not_allowed:
            target = partial(not_open.show, screen, actor)
    return st.Page(
        target,
        title=screen.title,
        icon=f":material/{screen.icon}:",
        url_path=screen.url_path,
        default=screen.url_path == "",
        visibility="visible" if allowed and screen.in_menu else "hidden",
    )


def mail_page(page: Callable[[], None], url_path: str) -> st.Page:
    """Return a hidden page that is reached only by a link in a mail."""
    return st.Page(page, title=BY_LINK[url_path], url_path=url_path, visibility="hidden")


def show_sidebar(actor: Actor, *, setting_up: bool = False) -> None:
    """Show the search and the signed-in user; only the user while `setting_up` is true.

    `setting_up` means that two-factor authentication has to be set up first.
    """
    with st.sidebar:
        if not setting_up:
            frame.show_find()
        st.caption(f"{actor.name} · {actor.role.replace('_', ' ')}")
        if not setting_up:
            impersonation.show_button(actor)
        if demonstration.is_shown():
            demonstration.show_way_out()
        st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=form.sign_out)


def show_frame(page: st.Page, *, setting_up: bool) -> None:
    """Show what is around the page of a signed-in user: the menu, Help, and what to know."""
    actor = current_actor()
    print_style.apply(dark=st.context.theme.type == "dark")
    st.set_page_config(page_title=f"{page.title} · {PRODUCT}")
    show_sidebar(actor, setting_up=setting_up)
    if not setting_up:
        help_link.show(actor, page.url_path)
        frame.show_bar(actor, page.url_path)
        page_script.mount(actor)
    else:
        theme.apply_to_rows()
    impersonation.show_banner(actor)
    mfa_setup.show_reminder(actor, page)


def visitor_and_fallback() -> tuple[Actor | None, Callable[[], None]]:
    """Return the actor and the page to show in place of screens that may not be opened."""
    try:
        actor = form.current_visitor()
    except (DonorCrmError, DatabaseError) as error:
        return None, partial(raise_error, error)
    if actor is not None and mfa_setup.is_required(actor):
        return actor, mfa_setup.setup_page
    if database_switch.is_running():
        return None, database_switch.show_progress
    return actor, form.sign_in_page if actor is None else not_open.show_not_allowed


def client_address() -> str | None:
    """Return the IP address of the user."""
    return st.context.ip_address


def raise_error(error: Exception) -> None:
    """Raise the error, so that the error boundary shows it at every URL."""
    raise error


def main() -> None:
    """Draw the frame and the chosen screen."""
    st.set_page_config(page_title=PRODUCT, page_icon=str(ASSETS / "icon.svg"), layout="wide")
    theme.apply()
    audit.client_address_from(client_address)
    st.logo(
        str(ASSETS / f"logo_{st.context.theme.type or 'light'}.svg"),
        icon_image=str(ASSETS / "icon.svg"),
        size="large",
    )
    actor, fallback = visitor_and_fallback()
    sections: dict[str, list[st.Page]] = defaultdict(list)
    for screen in SCREENS:
        sections[screen.section].append(page_of(screen, actor, fallback))
    home = next(page for page in sections[""] if page.url_path == "")
    sections[""] += [
        mail_page(partial(form.reset_page, home), "reset"),
        mail_page(partial(form.invitation_page, home), "invitation"),
    ]
    # expanded: show all entries of the long menu of administrators
    chosen_page = st.navigation(
        dict(sections), position="sidebar" if actor else "hidden", expanded=True
    )
    form.hand_over_session()
    if actor is not None:
        show_frame(chosen_page, setting_up=fallback is mfa_setup.setup_page)
        if st.session_state.pop(impersonation.GO_HOME, False) and chosen_page != home:
            st.switch_page(home)
        # an action that a key opened has no page of its own that shows its message
        forms.announce_message()
        error_boundary.run_guarded(commands.show_chosen, page=chosen_page.url_path)
    error_boundary.run_guarded(chosen_page.run, page=chosen_page.url_path)


closed_tabs.forget_expired()
with render_limit.render_slot(), stale_widgets.forgotten():
    main()
