"""Lists of users: active, invited and deactivated, with their actions."""

from dataclasses import dataclass, field

import streamlit as st

from app.accounts import Actor, Factors, OwnedRecords, PendingInvitation, Role, UserLine
from app.kit.money import Money
from app.ui.admin import mail_log
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import now, today
from app.ui.people import deactivation, goals, roles
from app.ui.people import forms as person_forms
from app.ui.people.roles import LEADS

# the choices of the menu
MAILS, END = ":material/mail: Mails", ":material/person_off: Deactivate"
LOST_PHONE = ":material/phonelink_erase: Turn two-factor authentication off"


@dataclass(frozen=True, slots=True)
class UserDirectory:
    """The data of the screen: users, invitations, teams, belongings, second factors, goals."""

    people: list[UserLine]
    waiting: list[PendingInvitation]
    teams: dict[int, list[int]] = field(default_factory=dict)
    owned: dict[int, OwnedRecords] = field(default_factory=dict)
    factors: dict[int, Factors] = field(default_factory=dict)
    goals: dict[int, Money] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        """Return the names of the users by id."""
        return {user.user_id: user.name for user in self.people}


def show_user(person: UserLine, actor: Actor, directory: UserDirectory) -> None:
    """Draw one user with the allowed actions."""
    details, actions = st.columns([5, 2], vertical_alignment="center")
    role, team = roles.name(person.role), _team_text(person, directory)
    goal = directory.goals.get(person.user_id)
    you = " (you)" if person.user_id == actor.user_id else ""
    details.markdown(
        f"**{escape(person.name)}**{you} · {role}{' · ' if team else ''}{escape(team)}  \n"
        f":gray[{escape(person.email)} · {_sign_in_text(person, actor)}"
        f"{goals.text(goal)}{_factors_text(person, directory)}]"
    )
    with actions.container(horizontal=True, horizontal_alignment="right"):
        goals.show_button(person, actor, goal)
        if you or actor.role != Role.ADMIN:
            return
        if person.active:
            _show_active_actions(person, directory)
        else:
            _show_inactive_actions(person, directory)


def _sign_in_text(person: UserLine, actor: Actor) -> str:
    if person.last_sign_in_at is None:
        return "never signed in"
    return f"signed in {moment(person.last_sign_in_at, actor.time_zone, today=today())}"


def _factors_text(person: UserLine, directory: UserDirectory) -> str:
    """Return the second factors of an active user, for administrators."""
    factors = directory.factors.get(person.user_id)
    if factors is None or not person.active:
        return ""
    labels = ["codes"] if factors.codes else []
    labels += [count(factors.passkeys, "passkey")] if factors.passkeys else []
    if labels:
        return f" · two-factor: {', '.join(labels)}"
    return " · **no second factor yet**" if factors.due else ""


def _team_text(person: UserLine, directory: UserDirectory) -> str:
    if person.role not in LEADS or person.user_id not in directory.teams:
        return ""
    team = [
        directory.names[member_id]
        for member_id in directory.teams[person.user_id]
        if member_id in directory.names
    ]
    return f"looks after {', '.join(team)}" if team else "looks after nobody yet"


def _show_active_actions(person: UserLine, directory: UserDirectory) -> None:
    if st.button(
        "Change",
        key=f"change_{person.user_id}",
        icon=":material/badge:",
        help=f"Change the role and team of {escape(person.name)}",
    ):
        person_forms.change(person, directory.people, directory.teams.get(person.user_id, []))
    key, lost_phone = (
        f"more_{person.user_id}",
        directory.factors.get(person.user_id, Factors()).exist,
    )
    chosen = st.menu_button(
        "More",
        [MAILS, *([LOST_PHONE] if lost_phone else []), END],
        key=key,
        type="tertiary",
        help=f"Mails, lost phone and deactivation of {escape(person.name)}",
        on_click=_reset_if_chosen,
        args=(key, person),
    )
    if chosen == MAILS:
        mail_log.show_of_user(person)
    elif chosen == END:
        owned = directory.owned.get(person.user_id, OwnedRecords())
        goal = directory.goals.get(person.user_id)
        deactivation.end(person, directory.people, owned, goal)


def _reset_if_chosen(key: str, person: UserLine) -> None:
    """Turn the second factor off if that was chosen; the other choices open a dialog."""
    if st.session_state[key] == LOST_PHONE:
        person_forms.reset_mfa(person)


def _show_inactive_actions(person: UserLine, directory: UserDirectory) -> None:
    owned = directory.owned.get(person.user_id)
    if owned and st.button(
        "Hand over",
        key=f"hand_{person.user_id}",
        icon=":material/move_group:",
        help=f"{escape(person.name)} still has {owned}",
    ):
        deactivation.hand_over(person, directory.people, owned)
    st.button(
        "Reactivate",
        key=f"again_{person.user_id}",
        icon=":material/person_check:",
        on_click=deactivation.reactivate,
        args=(person,),
    )


def show_invited(invitation: PendingInvitation, actor: Actor) -> None:
    """Draw an invited user who has not accepted yet."""
    details, actions = st.columns([5, 2], vertical_alignment="center")
    expired = invitation.expired(now())
    link = "the invitation has expired, and its link no longer works"
    if invitation.until and not expired:
        until = moment(invitation.until, actor.time_zone, today=today()).removeprefix("on ")
        link = f"the link works until {until}"
    if invitation.sent_at:
        link = f"sent {moment(invitation.sent_at, actor.time_zone, today=today())} · {link}"
    details.markdown(
        f"**{escape(invitation.name)}** · {roles.name(invitation.role)}  \n"
        f":gray[{escape(invitation.email)} · {link}]"
    )
    with actions.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Invite again" if expired else "Resend",
            key=f"invite_{invitation.user_id}",
            icon=":material/forward_to_inbox:",
            on_click=person_forms.invite_again,
            args=(invitation,),
        )
        st.button(
            "Withdraw",
            key=f"withdraw_{invitation.user_id}",
            icon=":material/close:",
            type="tertiary",
            help=f"Withdraw the invitation of {escape(invitation.name)}",
            on_click=person_forms.withdraw,
            args=(invitation,),
        )
