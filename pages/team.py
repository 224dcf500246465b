"""Screen of the team: for each fundraiser the goal, the open work, and the last seven days."""

from functools import partial

import streamlit as st

from app import accounts, insights
from app.accounts import Role
from app.db import Session, replica
from app.ui.base.formats import count, day
from app.ui.base.session import current_actor, current_session, today
from app.ui.dashboard import kpis
from app.ui.exports import downloads
from app.ui.people import team_figures
from app.ui.shell import impersonation
from app.ui.widgets import forms, rate_filter, tables

LIST = "team"


def view_as(user_id: str) -> None:
    """Begin a View as of a member."""
    forms.run_and_announce(LIST, partial(begin_view, int(user_id)))


def begin_view(user_id: int, db: Session) -> str:
    """Begin a View as in this session, and go home."""
    session_id = current_session() or ""
    accounts.impersonate(db, current_actor(), session_id=session_id, user_id=user_id)
    st.session_state[impersonation.GO_HOME] = True
    return "Read-only view."


forms.announce()
actor = current_actor()
team, viewable = replica.read(
    actor,
    lambda db: (
        insights.team(db, actor, today=today()),
        accounts.impersonation_choices(db, actor),
    ),
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Team", width="stretch")
    export = st.container(horizontal=True, width="content")

if all(line.user_id == actor.user_id for line in team.lines):
    with st.container(border=True):
        tables.show_empty(
            "groups",
            "There are no fundraisers yet. Add them on People."
            if actor.role == Role.ADMIN
            else "You look after nobody yet: an administrator draws teams on People.",
            action="People" if actor.role == Role.ADMIN else None,
            opens="people",
            guide="team",
        )
    st.stop()

if actor.sees_amounts and not actor.looking:
    with export:
        downloads.show_format_buttons("team")
first, last = (day(on, today=today()) for on in (team.week.start, team.week.last))
st.caption(
    f"{count(len(team.lines), 'person', 'people')} · contacts"
    f"{' and gifts' if actor.sees_amounts else ''} from {first} to {last}"
    " · pipeline: prospects + asked"
)
team_figures.show(team, key=LIST, today=today(), viewable=viewable, view_as=view_as)
kpis.show_notes(team_figures.notes(team))
rate_filter.show_waiting(
    [waiting for line in team.lines if line.giving for waiting in line.giving.awaiting_rate]
)
