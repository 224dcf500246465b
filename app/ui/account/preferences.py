"""My settings: profile, time zone, and mail preferences."""

from functools import partial
from zoneinfo import available_timezones

import streamlit as st

from app import accounts
from app.accounts import Actor, UserLine
from app.db import Session
from app.kit import amount_input as read
from app.kit.money import Money
from app.ui.base.session import current_actor
from app.ui.widgets import forms

ME = "me"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = {"late_pledge": "Late pledges", "at_risk": "Donors at risk"}
ZONES = {one for one in available_timezones() if "/" in one and not one.startswith("Etc/")}
WHEN = {
    "at once": "A mail at once",
    "summary": "In the weekly summary",
    "app": "On Today only",
    "none": "Nowhere",
}
HOURS = range(24)
QUIET = {"quiet_from": "No mail at once from", "quiet_until": "until"}


def form(actor: Actor, mine: UserLine, currency: str) -> None:
    """Draw the form of the profile and the mail preferences."""
    with st.form(ME, enter_to_submit=False):
        left, right = st.columns(2, gap="medium")
        with left:
            _profile_fields(actor, mine, currency)
        with right:
            _mail_fields(mine)
        forms.save("Save settings", key=ME, work=partial(_save, mine, currency))


def _profile_fields(actor: Actor, mine: UserLine, currency: str) -> None:
    st.subheader("You")
    forms.text("Name", ME, "name", mine.name)
    forms.text("E-mail", ME, "email", mine.email, disabled=True)
    goal = str(Money(mine.monthly_goal_minor, currency)) if mine.monthly_goal_minor else ""
    if actor.sees_amounts:
        forms.text(f"Monthly goal ({currency})", ME, "goal", goal, placeholder="None yet")
    zones = sorted(ZONES | {"UTC", mine.time_zone or "UTC"})
    forms.choice(
        "Time zone",
        ME,
        "zone",
        zones,
        value=mine.time_zone,
        spelled=str,
        empty="The organisation's own",
    )


def _mail_fields(mine: UserLine) -> None:
    st.subheader("Mail")
    st.toggle("A summary every week", mine.summary_on, key=f"{ME}_summary")
    with st.container(horizontal=True):
        forms.choice("On", ME, "weekday", WEEKDAYS, value=WEEKDAYS[mine.summary_weekday])
        forms.choice("At", ME, "hour", HOURS, value=mine.summary_hour, spelled="{:02d}:00".format)
    for kind, label in KINDS.items():
        forms.choice(
            label,
            ME,
            kind,
            list(WHEN),
            spelled=WHEN.__getitem__,
            value=mine.alert_channels.get(kind, "summary"),
        )
    with st.container(horizontal=True):
        for name, label in QUIET.items():
            forms.choice(
                label,
                ME,
                name,
                HOURS,
                value=getattr(mine, name),
                empty="Never",
                spelled="{:02d}:00".format,
            )


def _save(mine: UserLine, currency: str, db: Session) -> str:
    """Save the profile form and return the confirmation message."""
    actor = current_actor()
    minor = mine.monthly_goal_minor
    if actor.sees_amounts:
        goal = (forms.typed(ME, "goal") or "").strip()
        minor = read.amount(goal, currency, locale=actor.locale).minor if goal else 0
    accounts.update_profile(
        db,
        actor,
        name=forms.typed(ME, "name") or "",
        time_zone=forms.typed(ME, "zone"),
        monthly_goal_minor=minor,
        summary_on=bool(forms.typed(ME, "summary")),
        summary_weekday=WEEKDAYS.index(forms.typed(ME, "weekday")),
        summary_hour=forms.typed(ME, "hour"),
        alert_channels=mine.alert_channels | {kind: forms.typed(ME, kind) for kind in KINDS},
        quiet_from=forms.typed(ME, "quiet_from"),
        quiet_until=forms.typed(ME, "quiet_until"),
    )
    return "Your settings are saved."
