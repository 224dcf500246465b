"""My settings: profile, time zone, and mail preferences."""

from functools import partial
from zoneinfo import available_timezones

import streamlit as st

from app import accounts, goals
from app.accounts import Actor, UserLine
from app.db import Session
from app.kit import amount_input as read
from app.kit import regional_defaults
from app.kit.money import Money
from app.ui.admin.organisation_fields import CHANNEL_LABELS
from app.ui.base.formats import first_weekday, money_plain
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms

ME = "me"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = {"late_pledge": "Late pledges", "at_risk": "Donors at risk"}
ZONES = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
HOURS = range(24)
QUIET = {"quiet_from": "No mail at once from", "quiet_until": "until"}


def show_form(actor: Actor, mine: UserLine, goal: Money) -> None:
    """Draw the form of the profile with this month's goal, and of the mail preferences."""
    with st.form(ME, enter_to_submit=False):
        left, right = st.columns(2, gap="medium")
        with left:
            _ask_profile(actor, mine, goal)
        with right:
            _ask_mail_preferences(mine)
        forms.save_button("Save settings", key=ME, work=partial(_save, mine, goal.currency))


def _ask_profile(actor: Actor, mine: UserLine, goal: Money) -> None:
    st.subheader("You")
    forms.text("Name", ME, "name", mine.name)
    forms.text("E-mail", ME, "email", mine.email, disabled=True)
    if actor.sees_amounts:
        forms.text(
            f"Monthly goal ({goal.currency})",
            ME,
            "goal",
            money_plain(goal) if goal.minor else "",
            placeholder="None yet",
            help="Another goal holds from this month on; past months keep the one they had.",
        )
    zones = sorted(ZONES | {"UTC", mine.time_zone or "UTC"})
    forms.choice(
        "Time zone",
        ME,
        "zone",
        zones,
        value=mine.time_zone,
        format_func=str,
        empty="The organisation's own",
    )
    names = regional_defaults.locales()
    forms.choice(
        "Numbers and dates",
        ME,
        "locale",
        list(names),
        value=mine.locale if mine.locale in names else None,
        format_func=names.__getitem__,
        empty="The organisation's own",
    )
    st.caption(f"They look like {regional_defaults.locale_example(actor.locale)} now.")


def _ask_mail_preferences(mine: UserLine) -> None:
    st.subheader("Mail")
    st.toggle("A summary every week", mine.summary_on, key=f"{ME}_summary")
    with st.container(horizontal=True):
        first = first_weekday()
        week = (*WEEKDAYS[first:], *WEEKDAYS[:first])
        forms.choice("On", ME, "weekday", week, value=WEEKDAYS[mine.summary_weekday])
        forms.choice(
            "At", ME, "hour", HOURS, value=mine.summary_hour, format_func="{:02d}:00".format
        )
    for kind, label in KINDS.items():
        forms.choice(
            label,
            ME,
            kind,
            list(CHANNEL_LABELS),
            format_func=CHANNEL_LABELS.__getitem__,
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
                format_func="{:02d}:00".format,
            )


def _save(mine: UserLine, currency: str, db: Session) -> str:
    """Save the profile form and return the confirmation message."""
    actor = current_actor()
    if actor.sees_amounts:
        goal = forms.text_value(ME, "goal").strip()
        minor = read.amount(goal, currency, locale=actor.locale).minor if goal else 0
        goals.set_goal(db, actor, user_id=actor.user_id, month=today(), minor=minor, today=today())
    accounts.update_profile(
        db,
        actor,
        name=forms.text_value(ME, "name"),
        time_zone=forms.field_value(ME, "zone", str),
        summary_on=bool(forms.field_value(ME, "summary", bool)),
        summary_weekday=WEEKDAYS.index(forms.choice_value(ME, "weekday", str)),
        summary_hour=forms.choice_value(ME, "hour", int),
        alert_channels=mine.alert_channels
        | {kind: forms.choice_value(ME, kind, str) for kind in KINDS},
        quiet_from=forms.field_value(ME, "quiet_from", int),
        quiet_until=forms.field_value(ME, "quiet_until", int),
        locale=forms.field_value(ME, "locale", str),
    )
    return "Your settings are saved."
