"""Screen of the users: accounts, invitations, roles and teams."""

import streamlit as st

from app import accounts
from app.accounts import Role, require
from app.db import Session, transaction
from app.ui.base.formats import count
from app.ui.base.session import current_actor
from app.ui.people import forms as person_forms
from app.ui.people import list as people_list
from app.ui.people import mfa_rule
from app.ui.people.list import Everybody
from app.ui.widgets import forms


def known(db: Session) -> Everybody:
    """Return all users for an administrator, and the actor's own team for a supervisor."""
    waiting = accounts.pending_invitation(db, actor)
    if actor.role != Role.ADMIN:
        return Everybody(accounts.owners(db, actor), waiting)
    people = accounts.list_users(db, actor)
    leads = [one.user_id for one in people if one.role in person_forms.LEADS]
    teams = {one: accounts.team(db, lead_id=one) for one in leads}
    belongings, factors = accounts.owned_records(db, actor), accounts.factors_by_user(db, actor)
    return Everybody(people, waiting, teams, belongings, factors)


actor = current_actor()
require(actor, Role.ADMIN, Role.SUPERVISOR)
forms.announce()
with transaction(actor) as db:
    everybody, rule = known(db), accounts.current_mfa_policy(db)
invited = {one.user_id for one in everybody.waiting}
active = [one for one in everybody.people if one.active and one.user_id not in invited]
ended = [one for one in everybody.people if not one.active]

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("People", width="stretch")
    mfa_rule.button(actor, rule)
    if st.button("Add a person", type="primary", icon=":material/person_add:"):
        person_forms.create()
st.caption(
    f"{count(len(active), 'person', 'people')} can sign in"
    + (f" · {len(invited):,} invited" if invited else "")
    + (f" · {len(ended):,} deactivated" if ended else "")
    + mfa_rule.in_words(rule)
)
with st.container(border=True, key="list_people"):
    for one in active:
        people_list.entry(one, actor, everybody)
if invited:
    st.subheader("Invited")
    with st.container(border=True, key="list_invited"):
        for waiting in everybody.waiting:
            people_list.invited(waiting, actor)
if ended:
    st.subheader("Deactivated")
    with st.container(border=True, key="list_ended"):
        for one in ended:
            people_list.entry(one, actor, everybody)
