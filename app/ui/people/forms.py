"""Dialogs about users: add or invite, change role and team, deactivate, hand over."""

import streamlit as st

from app import accounts, mail
from app.accounts import Role, UserLine
from app.db import Session
from app.settings import settings
from app.ui.base.formats import escape, plain
from app.ui.base.session import current_actor, now
from app.ui.people import roles
from app.ui.people.roles import LEADS, ROLES
from app.ui.widgets import forms

NEW, CHANGE = "new_person", "change_person"


@st.dialog("Add a person", icon=":material/person_add:")
def create() -> None:
    """Ask for a new user's name, e-mail and role; a supervisor can only invite fundraisers."""
    leads = current_actor().role == Role.SUPERVISOR
    with st.form(NEW, border=False):
        forms.text("Name", NEW, "name")
        forms.text("E-mail", NEW, "email", placeholder="name@example.org")
        if leads:
            st.caption("They get a mail with a link to sign in, as a fundraiser of your team.")
        else:
            forms.choice("Role", NEW, "role", list(ROLES), format_func=ROLES.__getitem__)
            roles.explain()
            forms.text(
                "First password",
                NEW,
                "password",
                type="password",
                placeholder="Leave empty to send an invitation",
                help="Twelve characters or more. Without one they get a mail with a link to "
                "choose their own; it works once, within a week.",
            )
        forms.save_button("Add person", key=NEW, work=_create, icon="person_add")


def _create(db: Session) -> str:
    email, name = forms.text_value(NEW, "email"), forms.text_value(NEW, "name")
    password = forms.text_value(NEW, "password").strip()
    role = forms.field_value(NEW, "role", str) or str(Role.FUNDRAISER)
    if password:
        accounts.create_user(
            db, current_actor(), email=email, name=name, role=role, password=password, now=now()
        )
        return f"{name} can sign in now."
    _send_invitation(
        db, accounts.invite(db, current_actor(), email=email, name=name, role=role, now=now())
    )
    return f"{name} gets a mail with a link to sign in."


def _send_invitation(db: Session, invitation: accounts.Invitation) -> None:
    link = f"{settings().public_url}/invitation?code={invitation.code}"
    mail.invitation(
        db,
        user_id=invitation.user_id,
        by_id=current_actor().user_id,
        name=invitation.name,
        to=invitation.email,
        inviter=invitation.inviter,
        organisation=accounts.organisation(db).name,
        link=link,
        now=now(),
    )


def invite_again(invitation: accounts.PendingInvitation) -> None:
    """Send a new link to an invited user who has not accepted yet."""

    def work(db: Session) -> str:
        _send_invitation(
            db, accounts.invite_again(db, current_actor(), user_id=invitation.user_id, now=now())
        )
        return f"A new link is on its way to {invitation.email}."

    forms.run_and_announce("invite_again", work)


def withdraw(invitation: accounts.PendingInvitation) -> None:
    """Withdraw an invitation."""

    def work(db: Session) -> str:
        accounts.withdraw_invitation(db, current_actor(), user_id=invitation.user_id, now=now())
        return f"The invitation of {invitation.name} is taken back; its link no longer works."

    forms.run_and_announce("withdraw", work)


@st.dialog("Change role and team", icon=":material/badge:")
def change(person: UserLine, everybody: list[UserLine], team: list[int]) -> None:
    """Ask for the role, and for the team of a supervisor or coach."""
    st.caption(f"{escape(person.name)} · {escape(person.email)}")
    names = {
        user.user_id: plain(user.name)
        for user in everybody
        if user.user_id != person.user_id and (user.active or user.user_id in team)
    }

    def work(db: Session) -> str:
        actor, role = current_actor(), forms.choice_value(CHANGE, "role", str)
        if role != person.role:
            accounts.change_role(db, actor, user_id=person.user_id, role=role, now=now())
        members = forms.field_value(CHANGE, "team", list) if role in LEADS else []
        if role in LEADS or team:
            accounts.set_team(db, actor, lead_id=person.user_id, member_ids=members or [])
        return f"Saved what {person.name} may do."

    with st.form(CHANGE, border=False):
        forms.choice(
            "Role", CHANGE, "role", list(ROLES), value=person.role, format_func=ROLES.__getitem__
        )
        roles.explain()
        st.multiselect(
            "Looks after (supervisors and coaches)",
            list(names),
            default=team,
            format_func=names.__getitem__,
            key=f"{CHANGE}_team",
            placeholder="Nobody yet",
        )
        st.caption("With another role they are signed out and start again.")
        forms.save_button("Save", key=CHANGE, work=work)


def reset_mfa(person: UserLine) -> None:
    """Remove a user's second factors, for example after the loss of the phone."""

    def work(db: Session) -> str:
        accounts.reset_mfa(db, current_actor(), user_id=person.user_id, now=now())
        return f"{person.name} signs in with the password alone now."

    forms.run_and_announce("lift", work)
