"""The teams as an indented list: each supervisor and coach with the people they look after."""

import streamlit as st

from app.accounts import Role, UserLine
from app.ui.base.formats import escape
from app.ui.people.list import UserDirectory
from app.ui.people.roles import LEADS, name


def show(directory: UserDirectory, *, everybody: bool) -> None:
    """Draw the teams; with `everybody` also the fundraisers whom nobody looks after."""
    people = {user.user_id: user for user in directory.people if user.active}
    leads = [user for user in people.values() if user.role in LEADS]
    if not leads:
        return
    lines = [line for lead in leads for line in _team_lines(lead, directory, people)]
    if everybody:
        looked_after = {member for team in directory.teams.values() for member in team}
        alone = [
            user
            for user in people.values()
            if user.role == Role.FUNDRAISER and user.user_id not in looked_after
        ]
        if alone:
            lines.append("- **In no team**")
            lines += [f"    - {escape(user.name)}" for user in alone]
    with st.expander("Teams", icon=":material/account_tree:", key="people_teams"):
        st.markdown("\n".join(lines))


def _team_lines(
    lead: UserLine, directory: UserDirectory, people: dict[int, UserLine]
) -> list[str]:
    """Return the line of a supervisor or coach, with their people indented below."""
    members = [
        people[user_id] for user_id in directory.teams.get(lead.user_id, []) if user_id in people
    ]
    head = f"- **{escape(lead.name)}** · {name(lead.role)} of"
    if not members:
        return [f"{head} nobody yet"]
    ordered = sorted(members, key=lambda member: member.name.casefold())
    return [head, *(f"    - {escape(member.name)}" for member in ordered)]
