"""My settings: name, goal, time zone, the weekly mail, the password and the devices."""

from zoneinfo import available_timezones

import streamlit as st

from app import accounts
from app.accounts import organisation
from app.db import Session, transaction
from app.kit import typed as read
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.ui import forms
from app.ui.devices import spelled
from app.ui.formats import escape, moment
from app.ui.session import current_actor, current_session, now, today

ME, PASSWORD, DEVICES = "me", "password", "devices"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = {"late_pledge": "Late pledges", "at_risk": "Donors at risk"}
ZONES = {one for one in available_timezones() if "/" in one and not one.startswith("Etc/")}
WHEN = {"at once": "A mail at once", "summary": "In the weekly summary"}


def save_me(db: Session) -> str:
    """Save what stands in the first form."""
    minor = mine.monthly_goal_minor
    if actor.sees_amounts:
        goal = (forms.typed(ME, "goal") or "").strip()
        minor = read.amount(goal, currency, locale=actor.locale).minor if goal else 0
    accounts.update_me(
        db,
        current_actor(),
        name=forms.typed(ME, "name") or "",
        time_zone=forms.typed(ME, "zone"),
        monthly_goal_minor=minor,
        summary_on=bool(forms.typed(ME, "summary")),
        summary_weekday=WEEKDAYS.index(forms.typed(ME, "weekday")),
        summary_hour=forms.typed(ME, "hour"),
        alert_channels=mine.alert_channels | {kind: forms.typed(ME, kind) for kind in KINDS},
    )
    return "Your settings are saved."


def save_password(db: Session) -> str:
    """Change the password, if the old one is right and the new one was typed twice alike."""
    new = forms.typed(PASSWORD, "new") or ""
    if new.strip() != (forms.typed(PASSWORD, "again") or "").strip():
        msg = "The two new passwords differ."
        raise InvalidError(msg)
    accounts.change_password(
        db, current_actor(), old=forms.typed(PASSWORD, "old") or "", new=new,
        keep_session=current_session(), now=now(),
    )  # fmt: skip
    return "Your new password is set. Every other device is signed out."


def sign_out_others() -> None:
    """End every session but this one."""

    def work(db: Session) -> str:
        ended = accounts.end_others(db, current_actor(), keep=current_session(), now=now())
        return "The other devices are signed out." if ended else "No other device was signed in."

    forms.do(DEVICES, work)


actor = current_actor()
forms.announce()
with transaction(actor) as db:
    mine = accounts.me(db, actor)
    devices = accounts.devices(db, actor, now=now())
    currency = organisation(db).currency

st.title("My settings")
st.caption("What DonorCRM calls you, and when it writes to you.")

with st.form(ME, enter_to_submit=False):
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("You")
        forms.text("Name", ME, "name", mine.name)
        forms.text("E-mail", ME, "email", mine.email, disabled=True)  # fmt: skip
        goal = str(Money(mine.monthly_goal_minor, currency)) if mine.monthly_goal_minor else ""
        if actor.sees_amounts:
            forms.text(f"Monthly goal ({currency})", ME, "goal", goal, placeholder="None yet")
        zones = sorted(ZONES | {"UTC", mine.time_zone or "UTC"})
        forms.choice("Time zone", ME, "zone", zones, value=mine.time_zone, spelled=str,
                     empty="The organisation's own")  # fmt: skip
    with right:
        st.subheader("Mail")
        st.toggle("A summary every week", mine.summary_on, key=f"{ME}_summary")
        with st.container(horizontal=True):
            forms.choice("On", ME, "weekday", WEEKDAYS, value=WEEKDAYS[mine.summary_weekday])
            forms.choice("At", ME, "hour", range(24), value=mine.summary_hour,
                         spelled="{:02d}:00".format)  # fmt: skip
        for kind, label in KINDS.items():
            forms.choice(label, ME, kind, list(WHEN), spelled=WHEN.__getitem__,
                         value=mine.alert_channels.get(kind, "summary"))  # fmt: skip
    forms.save("Save settings", key=ME, work=save_me)

left, right = st.columns(2, gap="medium")
with left, st.form(PASSWORD, clear_on_submit=True):
    st.subheader("Password")
    forms.text("Current password", PASSWORD, "old", type="password")
    forms.text("New password", PASSWORD, "new", type="password",
               help="Twelve characters or more. Four unrelated words work well.")  # fmt: skip
    forms.text("New password once more", PASSWORD, "again", type="password")
    forms.save("Change password", key=PASSWORD, work=save_password, icon="lock_reset")
with right, st.container(border=True, key="list_devices"):
    st.subheader("Where you are signed in")
    for one in devices:
        here = "this device" if one.session_id == current_session() else "seen "
        if here == "seen ":
            here += moment(one.last_seen_at, actor.time_zone, today=today())
        where = f"{escape(one.address)} · " if one.address else ""
        st.markdown(f"**{spelled(one.user_agent)}**  \n:gray[{where}{here}]")
    st.button("Sign out other devices", icon=":material/devices_off:", on_click=sign_out_others)
