"""Screen "My settings": profile, mail preferences, and all ways to sign in."""

import streamlit as st

from app import accounts, mail
from app.accounts import organisation
from app.db import transaction
from app.ui.account import api_tokens, mfa, passkeys, preferences
from app.ui.account import signin as own_signin
from app.ui.admin import mail_log
from app.ui.base.session import current_actor, now
from app.ui.widgets import forms

actor = current_actor()
forms.announce()
with transaction(actor) as db:
    mine = accounts.profile(db, actor)
    devices = accounts.devices(db, actor, now=now())
    tokens = accounts.api_tokens(db, actor, now=now())
    guard = accounts.mfa_status(db, actor)
    keys = accounts.own_passkeys(db, actor)
    sent = mail.messages(db, user_id=actor.user_id, limit=mail_log.FEW)
    currency = organisation(db).currency

st.title("My settings")
st.caption("What DonorCRM calls you, and when it writes to you.")

preferences.form(actor, mine, currency)

left, right = st.columns(2, gap="medium")
with left:
    own_signin.password()
    api_tokens.api_tokens(actor, tokens)
with right:
    mail_log.mine(actor, sent)
    own_signin.devices(actor, devices)
    passkeys.section(actor, keys)
    mfa.section(actor, guard)
    api_tokens.calendar(actor, tokens)
