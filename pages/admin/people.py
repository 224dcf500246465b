"""Screen of the users: accounts, invitations, roles and teams."""

import streamlit as st

from app import accounts, goals
from app.accounts import Role, require
from app.db import Session, transaction
from app.ui.base.formats import count, number
from app.ui.base.session import current_actor, today
from app.ui.people import forms as person_forms
from app.ui.people import list as people_list
from app.ui.people import mfa_rule, teams
from app.ui.people.list import UserDirectory
from app.ui.widgets import forms


def load_directory(db: Session) -> UserDirectory:
    """Return all users for an administrator, and the actor's own team for a supervisor."""
    waiting = accounts.pending_invitation(db, actor)
    groups = accounts.teams(db, actor)
    of_month = goals.goal_by_user(db, actor, today=today())
    if actor.role != Role.ADMIN:
        return UserDirectory(accounts.owners(db, actor), waiting, groups, goals=of_month)
    people = accounts.list_users(db, actor)
    belongings, factors = accounts.owned_records(db, actor), accounts.factors_by_user(db, actor)
    return UserDirectory(people, waiting, groups, belongings, factors, of_month)


actor = current_actor()
require(actor, Role.ADMIN, Role.SUPERVISOR)
forms.announce()
with transaction(actor) as db:
    directory, rule = load_directory(db), accounts.current_mfa_policy(db)
invited = {invitation.user_id for invitation in directory.waiting}
active = [user for user in directory.people if user.active and user.user_id not in invited]
ended = [user for user in directory.people if not user.active]

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("People", width="stretch")
    mfa_rule.show_button(actor, rule)
    if st.button("Add a person", type="primary", icon=":material/person_add:"):
        person_forms.create()
st.caption(
    f"{count(len(active), 'person', 'people')} can sign in"
    + (f" · {number(len(invited))} invited" if invited else "")
    + (f" · {number(len(ended))} deactivated" if ended else "")
    + mfa_rule.summary(rule)
)
with st.container(border=True, key="list_wrapped_people"):
    for user in active:
        people_list.show_user(user, actor, directory)
teams.show(directory, everybody=actor.role == Role.ADMIN)
if invited:
    st.subheader("Invited")
    with st.container(border=True, key="list_invited"):
        for invitation in directory.waiting:
            people_list.show_invited(invitation, actor)
if ended:
    st.subheader("Deactivated")
    with st.container(border=True, key="list_ended"):
        for user in ended:
            people_list.show_user(user, actor, directory)
