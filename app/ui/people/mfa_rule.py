"""Policy on the People screen: the roles that require two-factor authentication."""

import streamlit as st

from app import accounts
from app.accounts import MAX_GRACE_DAYS, Actor, MfaPolicy, Role
from app.db import Session
from app.ui.base.session import current_actor, now
from app.ui.people.roles import ROLES
from app.ui.widgets import forms

RULE = "mfa_rule"


def show_button(actor: Actor, rule: MfaPolicy) -> None:
    """Draw the button that opens the policy dialog, for administrators."""
    if actor.role == Role.ADMIN and st.button(
        "Two-factor rule", icon=":material/phonelink_lock:", type="tertiary"
    ):
        _ask_policy(rule)


def summary(rule: MfaPolicy) -> str:
    """Return a text with the roles that require two-factor authentication; "" for none."""
    if not rule.since:
        return ""
    return (
        f" · two-factor authentication is required for: {', '.join(map(_role_label, rule.since))}"
    )


@st.dialog("Two-factor authentication", icon=":material/phonelink_lock:")
def _ask_policy(rule: MfaPolicy) -> None:
    st.markdown(
        "People of these roles need a passkey, or codes from an authenticator app, beside their "
        "password. After the days you give them they can do nothing else before it is set up, "
        "and their API tokens rest until then."
    )
    with st.form(RULE, border=False):
        st.multiselect(
            "Required for",
            list(ROLES),
            default=[str(role) for role in rule.since],
            format_func=lambda role: ROLES[role].partition(":")[0],
            key=f"{RULE}_roles",
            placeholder="No role",
        )
        st.number_input(
            "Days to set it up",
            0,
            MAX_GRACE_DAYS,
            rule.grace_days,
            key=f"{RULE}_days",
            help="Counted from when it is required, or from when an account is made later.",
        )
        forms.save_button("Save", key=RULE, work=_save)


def _save(db: Session) -> str:
    roles, days = (
        forms.field_value(RULE, "roles", list) or [],
        int(forms.field_value(RULE, "days", int) or 0),
    )
    accounts.save_mfa_policy(db, current_actor(), roles=roles, grace_days=days, now=now())
    if not roles:
        return "No role needs two-factor authentication."
    return f"Two-factor authentication is required for: {', '.join(map(_role_label, roles))}."


def _role_label(role: str) -> str:
    return ROLES[role].partition(":")[0].lower()
