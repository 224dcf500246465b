"""The roles with their names, and what each may do in one line."""

import streamlit as st

from app.accounts import Role

ROLES = {
    Role.FUNDRAISER.value: "Fundraiser: own donors",
    Role.SUPERVISOR.value: "Supervisor: own donors and a team's",
    Role.COACH.value: "Coach: own and coached people's donors, no amounts",
    Role.FINANCE.value: "Finance: every donor, records gifts",
    Role.READ_ONLY.value: "Read only: every donor, changes nothing",
    Role.ADMIN.value: "Administrator: everything",
}
LEADS = (Role.SUPERVISOR, Role.COACH)
EXPLANATIONS = {
    Role.FUNDRAISER.value: "Sees and changes their own donors, with gifts, pledges and tasks.",
    Role.SUPERVISOR.value: "A fundraiser who also reads the donors and figures of a team, invites "
    "people into it, and can view the screens as a member.",
    Role.COACH.value: "Reads the donors of the people coached, without any amount; owns donors.",
    Role.FINANCE.value: "Reads every donor, records and corrects all gifts, reads the audit log.",
    Role.READ_ONLY.value: "Reads and exports everything, and changes nothing.",
    Role.ADMIN.value: "Does everything: people, settings, imports, merging and erasing.",
}


def name(role: str) -> str:
    """Return the name of a role."""
    return ROLES[role].partition(":")[0]


def explain() -> None:
    """Draw one line for each role, folded."""
    with st.expander("What may each role do?", icon=":material/help:"):
        st.markdown(
            "\n".join(f"- **{name(role)}**: {text}" for role, text in EXPLANATIONS.items())
        )
