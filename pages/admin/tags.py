"""Screen of tags and custom fields: how many donors have each; administrators change them."""

import streamlit as st

from app import donors
from app.db import transaction
from app.ui.admin import purposes, tags
from app.ui.admin.fields import custom_fields
from app.ui.base.session import current_actor
from app.ui.widgets import forms
from app.ui.widgets.url_filters import Filter, UrlFilters

TABS = Filter("What to show", "show", {"tags": "Tags", "fields": "Custom fields"}, "tags")

actor = current_actor()
with transaction(actor) as db:
    # refuses every role but administrators and finance
    lines = donors.tag_list(db, actor)
    field_lines = donors.custom_field_list(db, actor)
forms.announce()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Tags and fields", width="stretch")
    if purposes.may_edit():
        if st.button("New tag", icon=":material/sell:", type="primary"):
            tags.create()
        if st.button("New custom field", icon=":material/list_alt:"):
            custom_fields.create()
filters = UrlFilters()
tab = filters.segments(TABS, visible_label=False)
filters.show_refused()
if tab == "fields":
    custom_fields.show_list(field_lines)
else:
    tags.show_list(lines)
