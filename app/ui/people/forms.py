"""Dialogs about users: add or invite, change role and team, deactivate, hand over."""

import streamlit as st

from app import accounts, mail
from app.accounts import Role, UserLine
from app.db import Session, transaction
from app.kit.money import Money
from app.settings import settings
from app.ui.base.formats import escape, money, plain
from app.ui.base.session import current_actor, now
from app.ui.widgets import forms

NEW, CHANGE, END, HAND = "new_person", "change_person", "end_person", "hand_over_person"
ROLES = {
    Role.FUNDRAISER.value: "Fundraiser: own donors",
    Role.SUPERVISOR.value: "Supervisor: own donors and a team's",
    Role.COACH.value: "Coach: own and coached people's donors, no amounts",
    Role.FINANCE.value: "Finance: every donor, records gifts",
    Role.READ_ONLY.value: "Read only: every donor, changes nothing",
    Role.ADMIN.value: "Administrator: everything",
}
LEADS = (Role.SUPERVISOR, Role.COACH)


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
        accounts.withdraw_invitation(db, current_actor(), user_id=invitation.user_id)
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


@st.dialog("Deactivate", icon=":material/person_off:")
def end(person: UserLine, everybody: list[UserLine], owned: accounts.OwnedRecords | None) -> None:
    """Explain the effects, ask who takes over the donors, and deactivate the user."""
    names = {
        user.user_id: plain(user.name)
        for user in everybody
        if user.active and user.user_id != person.user_id and user.role != Role.READ_ONLY
    }
    st.markdown(
        f"{escape(person.name)} is signed out everywhere at once and cannot sign in again. "
        "Gifts and everything written stay as they are, and you can let them in again here."
    )
    goal = _goal(person)
    if goal:
        st.markdown(
            f"Their goal of **{escape(goal)}** a month no longer counts towards the "
            f"organisation's goal{', unless you hand it over' if owned else ''}."
        )
    with st.form(END, border=False):
        if owned:
            st.markdown(f"They look after **{owned}**.")
            forms.choice(
                "Who takes over?",
                END,
                "to",
                list(names),
                format_func=names.__getitem__,
                empty="Nobody yet: leave them in place",
            )
        if owned and goal:
            st.checkbox(f"Add {escape(goal)} a month to their goal", key=f"{END}_goal")
        forms.save_button(
            "Deactivate",
            key=END,
            work=lambda db: _end(db, person, names, goal),
            icon="person_off",
        )


def _end(db: Session, person: UserLine, names: dict[int, str], goal: str | None) -> str:
    successor_id = forms.field_value(END, "to", int)
    moved = accounts.deactivate(
        db,
        current_actor(),
        user_id=person.user_id,
        now=now(),
        hand_to=successor_id,
        with_goal=bool(forms.field_value(END, "goal", bool)),
    )
    results = [f"{person.name} can no longer sign in"]
    results += [f"{moved} handed to {names[successor_id]}"] if successor_id else []
    if moved.goal_ended:
        results.append(f"their goal of {goal} a month no longer counts")
    return "; ".join(results) + "."


def _goal(person: UserLine) -> str | None:
    """Return the user's monthly goal in the organisation's currency, or None."""
    if not person.monthly_goal_minor:
        return None
    with transaction(current_actor()) as db:
        currency = accounts.organisation(db).currency
    return money(Money(person.monthly_goal_minor, currency))


@st.dialog("Hand over", icon=":material/move_group:")
def hand_over(person: UserLine, everybody: list[UserLine], owned: accounts.OwnedRecords) -> None:
    """Ask who takes over the donors and tasks of a deactivated user."""

    def work(db: Session) -> str:
        successor_id = forms.choice_value(HAND, "to", int)
        moved = accounts.hand_over(
            db,
            current_actor(),
            user_id=person.user_id,
            to_id=successor_id,
            with_goal=bool(forms.field_value(HAND, "goal", bool)),
        )
        return f"{moved} handed to {names[successor_id]}."

    names = {
        user.user_id: plain(user.name)
        for user in everybody
        if user.active and user.role != Role.READ_ONLY
    }
    st.markdown(f"{escape(person.name)} still has **{owned}**.")
    with st.form(HAND, border=False):
        forms.choice("Who takes over?", HAND, "to", list(names), format_func=names.__getitem__)
        if goal := _goal(person):
            st.checkbox(f"Add {escape(goal)} a month to their goal", key=f"{HAND}_goal")
        forms.save_button("Hand over", key=HAND, work=work, icon="move_group")


def reset_mfa(person: UserLine) -> None:
    """Remove a user's second factors, for example after the loss of the phone."""

    def work(db: Session) -> str:
        accounts.reset_mfa(db, current_actor(), user_id=person.user_id, now=now())
        return f"{person.name} signs in with the password alone now."

    forms.run_and_announce("lift", work)


def reactivate(person: UserLine) -> None:
    """Reactivate a deactivated account."""

    def work(db: Session) -> str:
        accounts.reactivate(db, current_actor(), user_id=person.user_id, now=now())
        return f"{person.name} can sign in again."

    forms.run_and_announce("reactivate", work)
