"""Screen "My settings": profile, mail preferences, and all ways to sign in."""

import streamlit as st

from app import accounts, goals, mail
from app.db import transaction
from app.ui.account import api_tokens, mfa, passkeys, preferences
from app.ui.account import signin as own_signin
from app.ui.admin import mail_log
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

actor = current_actor()
forms.announce()
with transaction(actor) as db:
    mine = accounts.profile(db, actor)
    devices = accounts.devices(db, actor, now=now())
    tokens = accounts.api_tokens(db, actor, now=now())
    mfa_state = accounts.mfa_status(db, actor)
    keys = accounts.own_passkeys(db, actor)
    messages = mail.messages(db, user_id=actor.user_id, limit=mail_log.FEW)
    goal = goals.own_goal(db, actor, today=today())

st.title("My settings")
st.caption("Your name, your password, and the mail you get.")

preferences.show_form(actor, mine, goal)

left, right = st.columns(2, gap="medium")
with left:
    own_signin.show_password_form()
    api_tokens.show_tokens(actor, tokens)
with right:
    mail_log.show_own(actor, messages)
    own_signin.show_sessions(actor, devices)
    passkeys.show_section(actor, keys)
    mfa.show_section(actor, mfa_state)
    api_tokens.show_calendar(actor, tokens)
