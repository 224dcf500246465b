"""Screen of the organisation's settings."""

import streamlit as st

from app import accounts, organisation_settings
from app.accounts import Role, require
from app.db import transaction
from app.settings import settings
from app.ui.admin import mail_server, organisation
from app.ui.base.session import current_actor
from app.ui.widgets import forms

actor = current_actor()
require(actor, Role.ADMIN)
forms.announce()
with transaction(actor) as db:
    saved = accounts.organisation(db)
    currency_fixed = accounts.currency_is_fixed(db)
    logo = organisation_settings.logo(db)
    route = organisation_settings.mail_route(db, actor)

st.title("Organisation")
st.caption("What holds for everybody who works here.")
left, right = st.columns(2, gap="large")
with left:
    with st.container(border=True):
        organisation.show_general(saved, currency_fixed=currency_fixed)
    with st.container(border=True):
        organisation.show_habits(saved)
    with st.container(border=True):
        organisation.show_modules(saved)
with right:
    with st.container(border=True):
        organisation.show_letters(saved, logo)
    with st.container(border=True):
        mail_server.show(route, demonstration=settings().demonstration)
