"""What the file may do to what is kept of a donor: asked for each field it has."""

from collections.abc import Mapping

import streamlit as st

from app.ui.forms_donor import SPELLED

WAYS = {
    "fill": "Fill in only where nothing stands",
    "overwrite": "Replace what stands here",
    "keep": "Leave as it is here",
}
ADDS = {"fill": "Add what is missing", "keep": "Add nothing"}
LABELS = SPELLED | {
    "owner_email": "Fundraiser", "envelope_name": "Name on the envelope", "tags": "Tags",
    "custom": SPELLED["more"],
}  # fmt: skip
_SEVERAL = {"email", "phone", "tags"}


def said(prefix: str) -> dict[str, str]:
    """Return what the person has chosen so far: field → way."""
    found: dict[str, str] = st.session_state.setdefault(f"{prefix}_policies", {})
    return found


def ask(usual: Mapping[str, str], *, prefix: str) -> None:
    """Let a person say what happens to donors who are here already; a choice plans anew."""
    if not usual:
        return
    chosen = said(prefix)
    with st.expander("Donors who are here already", icon=":material/merge:"):
        st.caption("What the file may do to what is kept of them. New donors take all of it.")
        for name, way in usual.items():
            _one(name, way, chosen, key=f"{prefix}_policy_{name}")


def _one(name: str, usual: str, chosen: dict[str, str], *, key: str) -> None:
    words = ADDS if name in _SEVERAL else WAYS
    # to add is all a file does to what a donor has several of
    now = "fill" if words is ADDS and usual == "overwrite" else usual

    def keep() -> None:
        way = st.session_state[key]
        if way == now:
            chosen.pop(name, None)
        else:
            chosen[name] = way

    label, ways = st.columns([2, 3], vertical_alignment="center")
    label.markdown(LABELS[name])
    current = chosen.get(name, now)
    ways.selectbox(
        LABELS[name], list(words), list(words).index(current),
        format_func=words.__getitem__, key=key, on_change=keep, label_visibility="collapsed",
    )  # fmt: skip
