"""Screen of funds and campaigns: what was given to each; administrators change them."""

import streamlit as st

from app import gifts
from app.db import transaction
from app.ui.admin import campaigns, funds, purposes
from app.ui.base.session import current_actor
from app.ui.widgets import forms
from app.ui.widgets.url_filters import Filter, UrlFilters

TABS = Filter("What to show", "show", {"funds": "Funds", "campaigns": "Campaigns"}, "funds")

actor = current_actor()
with transaction(actor) as db:
    # refuses every role but administrators and finance
    fund_lines = gifts.fund_list(db, actor)
    campaign_lines = gifts.campaign_list(db, actor)
forms.announce()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Funds and campaigns", width="stretch")
    if purposes.may_edit():
        if st.button("New fund", icon=":material/savings:", type="primary"):
            funds.create()
        if st.button("New campaign", icon=":material/campaign:"):
            campaigns.create()
filters = UrlFilters()
tab = filters.segments(TABS, visible_label=False)
filters.show_refused()
if tab == "campaigns":
    campaigns.show_list(campaign_lines)
else:
    funds.show_list(fund_lines)
