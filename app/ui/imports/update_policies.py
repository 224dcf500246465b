"""Update policies: per field, whether the file may change existing records."""

from collections.abc import Mapping

import streamlit as st

from app import imports
from app.ui.donors.forms import FIELD_LABELS

WAYS = {
    "fill": "Fill in only where nothing stands",
    "overwrite": "Replace what stands here",
    "keep": "Leave as it is here",
}
ADDS = {"fill": "Add what is missing", "keep": "Add nothing"}
LABELS = FIELD_LABELS | {
    "owner_email": "Fundraiser",
    "envelope_name": "Name on the envelope",
    "tags": "Tags",
    "custom": FIELD_LABELS["more"],
}
OWN = {
    "gift_amount": "Amount",
    "gift_date": "Date",
    "gift_fund": "Fund",
    "gift_method": "Method",
    "gift_note": "Note",
    "pledge_amount": "Amount",
    "pledge_frequency": "How often",
    "pledge_status": "Status",
    "pledge_start": "Start",
    "pledge_end": "End",
    "pledge_fund": "Fund",
    "pledge_note": "Note",
    "pledge_day": "Day of the month",
    "pledge_grace": "Days of grace",
    "pledge_instalments": "Number of instalments",
    "pledge_total": "Total promised",
    "pledge_method": "Method",
}
_SEVERAL = {"email", "phone", "tags"}


def said(prefix: str) -> dict[str, str]:
    """Return the user's choices so far: field → policy."""
    found: dict[str, str] = st.session_state.setdefault(f"{prefix}_policies", {})
    return found


def ask(usual: Mapping[str, str], *, prefix: str) -> None:
    """Let the user choose policies for existing records; a choice recomputes the plan."""
    donors = {name: way for name, way in usual.items() if name not in OWN}
    own = {name: way for name, way in usual.items() if name in OWN}
    _part(
        donors,
        "Donors who are here already",
        "merge",
        "What the file may do to what is kept of them. New donors take all of it.",
        prefix=prefix,
    )
    kind = "pledges" if any(name.startswith("pledge") for name in own) else "gifts"
    _part(
        own,
        f"{kind.capitalize()} that are here already",
        "sync",
        f"Which columns may change them. New {kind} take all of it, and a gift somebody edited "
        "here is kept as it is.",
        prefix=prefix,
    )


def _part(usual: Mapping[str, str], title: str, icon: str, says: str, *, prefix: str) -> None:
    if not usual:
        return
    chosen = said(prefix)
    with st.expander(title, icon=f":material/{icon}:"):
        st.caption(says)
        for name, way in usual.items():
            _one(name, way, chosen, key=f"{prefix}_policy_{name}")


def _one(name: str, usual: str, chosen: dict[str, str], *, key: str) -> None:
    words = ADDS if name in _SEVERAL else WAYS
    if name in OWN and name in imports.NEVER_EMPTY:
        words = {way: WAYS[way] for way in ("overwrite", "keep")}
    # a file only ever adds to fields with several values per donor
    now = "fill" if words is ADDS and usual == "overwrite" else usual

    def keep() -> None:
        way = st.session_state[key]
        if way == now:
            chosen.pop(name, None)
        else:
            chosen[name] = way

    label, ways = st.columns([2, 3], vertical_alignment="center")
    called = LABELS.get(name) or OWN[name]
    label.markdown(called)
    current = chosen.get(name, now)
    ways.selectbox(
        called,
        list(words),
        list(words).index(current),
        format_func=words.__getitem__,
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
