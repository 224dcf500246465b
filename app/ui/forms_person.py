"""Dialogs about the people who sign in: a new one, another role or team, the end."""

import streamlit as st

from app import accounts, mail
from app.accounts import Person, Role
from app.db import Session
from app.settings import settings
from app.ui import forms
from app.ui.formats import escape, plain
from app.ui.session import current_actor, now

NEW, CHANGE, END = "new_person", "change_person", "end_person"
ROLES = {
    "fundraiser": "Fundraiser: own donors",
    "supervisor": "Supervisor: own donors and a team's",
    "coach": "Coach: own and coached people's donors, no amounts",
    "finance": "Finance: every donor, records gifts",
    "read_only": "Read only: every donor, changes nothing",
    "admin": "Administrator: everything",
}
LEADS = (Role.SUPERVISOR, Role.COACH)


@st.dialog("Add a person", icon=":material/person_add:")
def create() -> None:
    """Ask who it is and what they are here for."""
    with st.form(NEW, border=False):
        forms.text("Name", NEW, "name")
        forms.text("E-mail", NEW, "email", placeholder="name@example.org")
        forms.choice("Role", NEW, "role", list(ROLES), spelled=ROLES.__getitem__)
        forms.text(
            "First password", NEW, "password", type="password",
            placeholder="Leave empty to send a link",
            help="Twelve characters or more. Without one they get a mail with a link to choose "
            "their own; it works for an hour, and “Forgot your password?” sends another.",
        )  # fmt: skip
        forms.save("Add person", key=NEW, work=_create, icon="person_add")


def _create(db: Session) -> str:
    email, name = forms.typed(NEW, "email") or "", forms.typed(NEW, "name") or ""
    password = (forms.typed(NEW, "password") or "").strip()
    accounts.create(
        db, current_actor(), email=email, name=name, role=forms.typed(NEW, "role"),
        password=password or None,
    )  # fmt: skip
    if password:
        return f"{name} can sign in now."
    send_link(db, email)
    return f"{name} gets a mail with a link to choose a password."


def send_link(db: Session, email: str) -> None:
    """Mail a link to a new password, if somebody active has this e-mail."""
    found = accounts.ask_reset(db, email=email, now=now())
    if found is None:
        return
    user_id, name, address, code = found
    link = f"{settings().public_url}/reset?code={code}"
    mail.password_reset(db, user_id=user_id, name=name, to=address, link=link, now=now())


@st.dialog("Change role and team", icon=":material/badge:")
def change(person: Person, everybody: list[Person], team: list[int]) -> None:
    """Ask for the role, and for whom a supervisor or coach looks after."""
    st.caption(f"{escape(person.name)} · {escape(person.email)}")
    names = {
        one.user_id: plain(one.name)
        for one in everybody
        if one.user_id != person.user_id and (one.active or one.user_id in team)
    }

    def work(db: Session) -> str:
        actor, role = current_actor(), forms.typed(CHANGE, "role")
        if role != person.role:
            accounts.change_role(db, actor, user_id=person.user_id, role=role, now=now())
        members = forms.typed(CHANGE, "team") if role in LEADS else []
        if role in LEADS or team:
            accounts.set_team(db, actor, lead_id=person.user_id, member_ids=members or [])
        return f"Saved what {person.name} may do."

    with st.form(CHANGE, border=False):
        forms.choice("Role", CHANGE, "role", list(ROLES), value=person.role,
                     spelled=ROLES.__getitem__)  # fmt: skip
        st.multiselect(
            "Looks after (supervisors and coaches)", list(names), default=team,
            format_func=names.__getitem__, key=f"{CHANGE}_team", placeholder="Nobody yet",
        )  # fmt: skip
        st.caption("With another role they are signed out and start again.")
        forms.save("Save", key=CHANGE, work=work)


@st.dialog("Deactivate", icon=":material/person_off:")
def end(person: Person) -> None:
    """Say what will happen, and do it."""

    def work(db: Session) -> str:
        accounts.deactivate(db, current_actor(), user_id=person.user_id, now=now())
        return f"{person.name} can no longer sign in."

    st.markdown(
        f"{escape(person.name)} is signed out everywhere at once and cannot sign in again. "
        "Donors, gifts and everything written stay as they are, and you can let them in again "
        "here."
    )
    with st.form(END, border=False):
        forms.save("Deactivate", key=END, work=work, icon="person_off")


def reactivate(person: Person) -> None:
    """Let an ended account sign in again."""

    def work(db: Session) -> str:
        accounts.reactivate(db, current_actor(), user_id=person.user_id)
        return f"{person.name} can sign in again."

    forms.do("reactivate", work)
