"""The frame around every screen: who is here, the menu, one error boundary."""

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
from app.ui.shell import error_boundary, impersonation
from app.ui.signin import form, mfa_setup

ASSETS = Path(__file__).parent / "ui" / "assets"


def not_for_your_role() -> None:
    """Say so, without saying what would be here."""
    st.title("This page is not for your role")
    st.write("Ask an administrator if you need it.")


def page_of(screen: Screen, actor: Actor | None, instead: Callable[[], None]) -> st.Page:
    """Register a screen always, so that its address is kept through the sign-in."""
    allowed = actor is not None and screen.open_to(actor) and instead is not mfa_setup.page
    target: Path | Callable[[], None] = screen.path
    if not allowed:
        # a callable of its own for each page: the framework tells them apart by it
        target = partial(instead)
    return st.Page(
        target,
        title=screen.title,
        icon=f":material/{screen.icon}:",
        url_path=screen.url_path,
        default=screen.url_path == "",
        visibility="visible" if allowed and screen.in_menu else "hidden",
    )


def by_link(page: Callable[[], None], url_path: str) -> st.Page:
    """Register a page that only a link in a mail leads to."""
    return st.Page(page, title=BY_LINK[url_path], url_path=url_path, visibility="hidden")


def find() -> None:
    """Take what was typed in the search, and empty it for the next one."""
    st.session_state["go_find"] = st.session_state["find_donor"].strip()
    st.session_state["find_donor"] = ""


def sidebar(actor: Actor, *, setting_up: bool = False) -> None:
    """Show the search, and who is signed in; only the latter while a second factor is set up."""
    with st.sidebar:
        if not setting_up:
            st.text_input(
                "Find a donor",
                key="find_donor",
                placeholder="Find a donor",
                icon=":material/search:",
                label_visibility="collapsed",
                on_change=find,
            )
        st.caption(f"{actor.name} · {actor.role.replace('_', ' ')}")
        if not setting_up:
            impersonation.offer(actor)
        st.button("Sign out", icon=":material/logout:", type="tertiary", on_click=form.sign_out)


def who() -> tuple[Actor | None, Callable[[], None]]:
    """Return who is here, and what stands where a screen may not."""
    try:
        actor = form.who_is_here()
    except (DonorCrmError, DatabaseError) as error:
        return None, partial(say, error)
    if actor is not None and mfa_setup.needed(actor):
        return actor, mfa_setup.page
    return actor, form.sign_in_page if actor is None else not_for_your_role


def whence() -> str | None:
    """Return the address the person at this screen comes from."""
    return st.context.ip_address


def say(error: Exception) -> None:
    """Let the boundary say what is wrong, at every address alike."""
    raise error


def main() -> None:
    """Draw the frame and the chosen screen."""
    st.set_page_config(page_title="DonorCRM", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    theme.apply()
    audit.ask_address(whence)
    st.logo(
        str(ASSETS / f"logo_{st.context.theme.type or 'light'}.svg"),
        icon_image=str(ASSETS / "icon.svg"),
        size="large",
    )
    actor, instead = who()
    sections: dict[str, list[st.Page]] = defaultdict(list)
    for screen in SCREENS:
        sections[screen.section].append(page_of(screen, actor, instead))
    home = next(page for page in sections[""] if page.url_path == "")
    sections[""] += [
        by_link(partial(form.reset_page, home), "reset"),
        by_link(partial(form.invitation_page, home), "invitation"),
    ]
    # an administrator's list is long, and is all shown
    chosen = st.navigation(
        dict(sections), position="sidebar" if actor else "hidden", expanded=True
    )
    form.hand_over()
    if actor is not None:
        sidebar(current_actor(), setting_up=instead is mfa_setup.page)
        impersonation.banner(current_actor())
        mfa_setup.remind(current_actor(), chosen)
        if st.session_state.pop(impersonation.GO_HOME, False) and chosen != home:
            st.switch_page(home)
        wanted = st.session_state.pop("go_find", "")
        donors = next(page for page in sections[""] if page.url_path == "donors")
        if wanted and chosen == donors:
            # the page's own box holds the address once it is drawn, so the words go there
            st.session_state["query"] = wanted
        elif wanted:
            st.switch_page(donors, query_params={"query": wanted})
    error_boundary.guarded(chosen.run, page=chosen.url_path)


with render_limit.turn():
    main()
