"""Update policies: per field, whether the file may change existing records."""

from collections.abc import Mapping

import streamlit as st

from app import imports
from app.ui.donors.forms import FIELD_LABELS

POLICY_LABELS = {
    "fill": "Fill in only empty fields",
    "overwrite": "Replace the current value",
    "keep": "Leave as it is here",
}
ADDING_LABELS = {"fill": "Add what is missing", "keep": "Add nothing"}
DONOR_LABELS = FIELD_LABELS | {
    "owner_email": "Fundraiser",
    "envelope_name": "Name on the envelope",
    "tags": "Tags",
    "custom": FIELD_LABELS["more"],
}
GIFT_AND_PLEDGE_LABELS = {
    "gift_amount": "Amount",
    "gift_date": "Date",
    "gift_fund": "Fund",
    "gift_campaign": "Campaign",
    "gift_method": "Method",
    "gift_note": "Note",
    "pledge_amount": "Amount",
    "pledge_frequency": "How often",
    "pledge_status": "Status",
    "pledge_start": "Start",
    "pledge_end": "End",
    "pledge_fund": "Fund",
    "pledge_campaign": "Campaign",
    "pledge_note": "Note",
    "pledge_day": "Day of the month",
    "pledge_grace": "Days of grace",
    "pledge_instalments": "Number of instalments",
    "pledge_total": "Total promised",
    "pledge_method": "Method",
}
RECORD_LABELS = {"records": "Their values"}
_MULTIPLE = {"email", "phone", "tags"}


def choices(prefix: str) -> dict[str, str]:
    """Return the user's choices so far: field → policy."""
    policies: dict[str, str] = st.session_state.setdefault(f"{prefix}_policies", {})
    return policies


def ask(usual: Mapping[str, str], *, prefix: str) -> None:
    """Let the user choose policies for existing records; a choice recomputes the plan."""
    _ask_policies(
        {name: policy for name, policy in usual.items() if name in RECORD_LABELS},
        "What is here already",
        "sync",
        "Whether the file may change it. New rows take all of their values.",
        prefix=prefix,
    )
    own_labels = GIFT_AND_PLEDGE_LABELS | RECORD_LABELS
    donors = {name: policy for name, policy in usual.items() if name not in own_labels}
    own = {name: policy for name, policy in usual.items() if name in GIFT_AND_PLEDGE_LABELS}
    _ask_policies(
        donors,
        "Donors who are here already",
        "merge",
        "How the file may change their stored values. New donors get all values.",
        prefix=prefix,
    )
    kind = "pledges" if any(name.startswith("pledge") for name in own) else "gifts"
    _ask_policies(
        own,
        f"{kind.capitalize()} that are here already",
        "sync",
        f"Which columns may change them. New {kind} take all of it, and a gift somebody edited "
        "here is kept as it is.",
        prefix=prefix,
    )


def _ask_policies(
    usual: Mapping[str, str], title: str, icon: str, caption: str, *, prefix: str
) -> None:
    if not usual:
        return
    chosen = choices(prefix)
    with st.expander(title, icon=f":material/{icon}:"):
        st.caption(caption)
        for name, policy in usual.items():
            _ask_policy(name, policy, chosen, key=f"{prefix}_policy_{name}")


def _ask_policy(name: str, usual: str, chosen: dict[str, str], *, key: str) -> None:
    labels = ADDING_LABELS if name in _MULTIPLE else POLICY_LABELS
    if name in GIFT_AND_PLEDGE_LABELS and name in imports.NEVER_EMPTY:
        labels = {policy: POLICY_LABELS[policy] for policy in ("overwrite", "keep")}
    # a file only ever adds to fields with several values per donor
    default = "fill" if labels is ADDING_LABELS and usual == "overwrite" else usual

    def save() -> None:
        policy = st.session_state[key]
        if policy == default:
            chosen.pop(name, None)
        else:
            chosen[name] = policy

    left, right = st.columns([2, 3], vertical_alignment="center")
    label = (DONOR_LABELS | GIFT_AND_PLEDGE_LABELS | RECORD_LABELS)[name]
    left.markdown(label)
    policies = list(labels)
    right.selectbox(
        label,
        policies,
        policies.index(chosen.get(name, default)),
        format_func=labels.__getitem__,
        key=key,
        on_change=save,
        label_visibility="collapsed",
    )
