"""Lists of users: active, invited and deactivated, with their actions."""

from dataclasses import dataclass, field

import streamlit as st

from app.accounts import Actor, Factors, OwnedRecords, PendingInvitation, Role, UserLine
from app.ui.admin import mail_log
from app.ui.base.formats import count, escape, initial, moment
from app.ui.base.session import now, today
from app.ui.people import forms as person_forms


@dataclass(frozen=True, slots=True)
class Everybody:
    """The data of the screen: users, invitations, teams, belongings and second factors."""

    people: list[UserLine]
    waiting: list[PendingInvitation]
    teams: dict[int, list[int]] = field(default_factory=dict)
    owned: dict[int, OwnedRecords] = field(default_factory=dict)
    factors: dict[int, Factors] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        """Return the names of the users by id."""
        return {one.user_id: one.name for one in self.people}


def entry(person: UserLine, actor: Actor, known: Everybody) -> None:
    """Draw one user with the allowed actions."""
    who, ask = st.columns([5, 2], vertical_alignment="center")
    role, team = initial(person.role.replace("_", " ")), _looks_after(person, known)
    you = " (you)" if person.user_id == actor.user_id else ""
    who.markdown(
        f"**{escape(person.name)}**{you} · {role}{' · ' if team else ''}{escape(team)}  \n"
        f":gray[{escape(person.email)} · {_seen(person, actor)}{_factors(person, known)}]"
    )
    if you or actor.role != Role.ADMIN:
        return
    with ask.container(horizontal=True, horizontal_alignment="right"):
        if person.active:
            _change(person, known)
        else:
            _let_in(person, known)


def _seen(person: UserLine, actor: Actor) -> str:
    if person.last_sign_in_at is None:
        return "never signed in"
    return f"signed in {moment(person.last_sign_in_at, actor.time_zone, today=today())}"


def _factors(person: UserLine, known: Everybody) -> str:
    """Return the second factors of an active user, for administrators."""
    found = known.factors.get(person.user_id)
    if found is None or not person.active:
        return ""
    names = ["codes"] if found.codes else []
    names += [count(found.passkeys, "passkey")] if found.passkeys else []
    if names:
        return f" · two-factor: {', '.join(names)}"
    return " · **no second factor yet**" if found.due else ""


def _looks_after(person: UserLine, known: Everybody) -> str:
    if person.role not in person_forms.LEADS or person.user_id not in known.teams:
        return ""
    team = [known.names[one] for one in known.teams[person.user_id] if one in known.names]
    return f"looks after {', '.join(team)}" if team else "looks after nobody yet"


def _change(person: UserLine, known: Everybody) -> None:
    if st.button(
        "",
        key=f"mail_{person.user_id}",
        icon=":material/mail:",
        type="tertiary",
        help=f"What {escape(person.name)} was sent",
    ):
        mail_log.of(person)
    if known.factors.get(person.user_id, Factors()).exist:
        st.button(
            "",
            key=f"lift_{person.user_id}",
            icon=":material/phonelink_erase:",
            type="tertiary",
            help=f"{escape(person.name)} lost the phone: turn the second factor off, codes and "
            "passkeys alike",
            on_click=person_forms.lift,
            args=(person,),
        )
    if st.button(
        "Change",
        key=f"change_{person.user_id}",
        icon=":material/badge:",
        help=f"Change the role and team of {escape(person.name)}",
    ):
        person_forms.change(person, known.people, known.teams.get(person.user_id, []))
    if st.button(
        "",
        key=f"end_{person.user_id}",
        icon=":material/person_off:",
        type="tertiary",
        help=f"Deactivate {escape(person.name)}",
    ):
        person_forms.end(person, known.people, known.owned.get(person.user_id))


def _let_in(person: UserLine, known: Everybody) -> None:
    owned = known.owned.get(person.user_id)
    if owned and st.button(
        "Hand over",
        key=f"hand_{person.user_id}",
        icon=":material/move_group:",
        help=f"{escape(person.name)} still has {owned}",
    ):
        person_forms.hand_over(person, known.people, owned)
    st.button(
        "Reactivate",
        key=f"again_{person.user_id}",
        icon=":material/person_check:",
        on_click=person_forms.reactivate,
        args=(person,),
    )


def invited(one: PendingInvitation, actor: Actor) -> None:
    """Draw an invited user who has not accepted yet."""
    who, ask = st.columns([5, 2], vertical_alignment="center")
    expired = one.expired(now())
    link = "the invitation has expired, and its link no longer works"
    if one.until and not expired:
        until = moment(one.until, actor.time_zone, today=today()).removeprefix("on ")
        link = f"the link works until {until}"
    who.markdown(
        f"**{escape(one.name)}** · {initial(one.role.replace('_', ' '))}  \n"
        f":gray[{escape(one.email)} · {link}]"
    )
    with ask.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Invite again" if expired else "Resend",
            key=f"invite_{one.user_id}",
            icon=":material/forward_to_inbox:",
            on_click=person_forms.invite_again,
            args=(one,),
        )
        st.button(
            "",
            key=f"withdraw_{one.user_id}",
            icon=":material/close:",
            type="tertiary",
            help=f"Withdraw the invitation of {escape(one.name)}",
            on_click=person_forms.withdraw,
            args=(one,),
        )
