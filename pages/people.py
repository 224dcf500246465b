"""People: who signs in, what each may do, and who looks after whom."""

import streamlit as st

from app import accounts
from app.accounts import Person, Role, require
from app.db import transaction
from app.ui import forms, forms_person
from app.ui.formats import count, escape, initial, moment
from app.ui.session import current_actor, today


def seen(person: Person) -> str:
    """Spell when a person last signed in."""
    if person.last_sign_in_at is None:
        return "never signed in"
    return f"signed in {moment(person.last_sign_in_at, actor.time_zone, today=today())}"


def looks_after(person: Person) -> str:
    """Name a supervisor's or coach's team."""
    if person.role not in forms_person.LEADS:
        return ""
    team = [names[one] for one in teams[person.user_id] if one in names]
    return f"looks after {', '.join(team)}" if team else "looks after nobody yet"


def entry(person: Person) -> None:
    """Draw one person, with what may be changed."""
    who, ask = st.columns([5, 2], vertical_alignment="center")
    role, team = initial(person.role.replace("_", " ")), looks_after(person)
    you = " (you)" if person.user_id == actor.user_id else ""
    who.markdown(
        f"**{escape(person.name)}**{you} · {role}{' · ' if team else ''}{escape(team)}  \n"
        f":gray[{escape(person.email)} · {seen(person)}]"
    )
    if you:
        return
    with ask.container(horizontal=True, horizontal_alignment="right"):
        if not person.active:
            st.button(
                "Reactivate", key=f"again_{person.user_id}", icon=":material/person_check:",
                on_click=forms_person.reactivate, args=(person,),
            )  # fmt: skip
            return
        if st.button(
            "Change", key=f"change_{person.user_id}", icon=":material/badge:",
            help=f"Change the role and team of {escape(person.name)}",
        ):  # fmt: skip
            forms_person.change(person, everybody, teams.get(person.user_id, []))
        if st.button(
            "", key=f"end_{person.user_id}", icon=":material/person_off:", type="tertiary",
            help=f"Deactivate {escape(person.name)}",
        ):  # fmt: skip
            forms_person.end(person)


actor = current_actor()
require(actor, Role.ADMIN)
forms.announce()
with transaction(actor) as db:
    everybody = accounts.people(db, actor)
    teams = {
        one.user_id: accounts.team(db, lead_id=one.user_id)
        for one in everybody
        if one.role in forms_person.LEADS
    }
names = {one.user_id: one.name for one in everybody}
active = [one for one in everybody if one.active]
ended = [one for one in everybody if not one.active]

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("People", width="stretch")
    if st.button("Add a person", type="primary", icon=":material/person_add:"):
        forms_person.create()
st.caption(
    f"{count(len(active), 'person', 'people')} can sign in"
    + (f" · {len(ended):,} deactivated" if ended else "")
)
with st.container(border=True, key="list_people"):
    for one in active:
        entry(one)
if ended:
    st.subheader("Deactivated")
    with st.container(border=True, key="list_ended"):
        for one in ended:
            entry(one)
