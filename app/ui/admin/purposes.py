"""Parts that the lists of funds, campaigns and tags share: search, rows, the merge dialog."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from app.accounts import Role
from app.db import Session, transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import escape, number, plain
from app.ui.base.session import current_actor
from app.ui.widgets import forms

MERGE = "merge"
# a search field appears from so many rows on
SEARCHED = 20
MOST_SHOWN = 100
L = TypeVar("L")


def may_edit() -> bool:
    """Return whether the actor may change funds, campaigns, tags and custom fields."""
    actor = current_actor()
    return actor.role == Role.ADMIN and not actor.looking


def searched(lines: Sequence[L], name: Callable[[L], str], *, noun: str) -> Sequence[L]:
    """Draw a search field above a long list, and return the lines to show."""
    if len(lines) <= SEARCHED:
        return lines
    query = st.text_input(
        f"Find a {noun}",
        key=f"find_{noun}",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Name",
        label_visibility="collapsed",
    )
    found = [line for line in lines if (query or "").casefold() in name(line).casefold()]
    if not found:
        st.caption(f"No {noun} has this name. Type another part of it.")
    elif len(found) > MOST_SHOWN:
        st.caption(
            f"The first {MOST_SHOWN} of {number(len(found))}. Search for the others by name."
        )
    return found[:MOST_SHOWN]


def show_row(text: str, key: str, buttons: Sequence[tuple[str, str, Callable[[], Any]]]) -> None:
    """Draw one line of a list; `buttons` are (label, icon, what opens)."""
    if not (buttons and may_edit()):
        st.markdown(text)
        return
    details, actions = st.columns([5, len(buttons)], vertical_alignment="center")
    details.markdown(text)
    with actions.container(horizontal=True, horizontal_alignment="right"):
        for label, icon, act in buttons:
            if st.button(label, key=f"{key}_{label}", icon=f":material/{icon}:"):
                act()


def ask_merge(
    noun: str,
    from_id: int,
    names: Mapping[int, str],
    *,
    effect: Callable[[Session, int], str],
    merge: Callable[[Session, int], str],
) -> None:
    """Draw the contents of a merge dialog: into which one, what moves, and the confirmation.

    `effect` says what would move to the chosen one; `merge` does it and returns the sentence.
    """
    # first: once it is merged, `effect` would find nothing to merge any more
    forms.close_when_done(MERGE)
    into_id = _ask_target(noun, from_id, names)
    if into_id is None:
        return
    try:
        with transaction(current_actor()) as db:
            moves = effect(db, into_id)
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.markdown(moves)
    st.button(
        "Merge",
        key=f"{MERGE}_now",
        type="primary",
        icon=":material/merge:",
        width="stretch",
        on_click=partial(forms.run, MERGE, lambda db: merge(db, into_id)),
    )
    forms.show_refusal(MERGE)


def _ask_target(noun: str, from_id: int, names: Mapping[int, str]) -> int | None:
    st.caption(f"{escape(names[from_id])} is merged into another {noun}.")
    others = {key: plain(name) for key, name in names.items() if key != from_id}
    if not others:
        st.info(f"There is no other {noun} yet. Create it first, then merge into it.")
        return None
    return st.selectbox(
        "Into",
        list(others),
        index=None,
        format_func=others.__getitem__,
        key=f"{MERGE}_into",
        placeholder=f"Choose a {noun}",
    )


def merge_text(name: str, into: str, moves: str) -> str:
    """Return the warning before a merge, as Markdown."""
    what = "Nothing belongs to it" if moves == "nothing" else f"**{moves}** move to {escape(into)}"
    return (
        f"{what}. {escape(name)} is no longer listed; a file that names it later is imported for "
        f"{escape(into)}. A merge cannot be undone."
    )
