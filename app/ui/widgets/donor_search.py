"""Search field for a donor in a dialog."""

from collections.abc import Collection

import streamlit as st

from app import donors
from app.db import transaction
from app.ui.base.formats import escape
from app.ui.base.session import current_actor

MOST = 8


def ask_donor(label: str, key: str, *, but: Collection[int] = ()) -> donors.DonorMatch | None:
    """Draw a search field and the donors found, without those of `but`; return the chosen one."""
    query = st.text_input(
        label,
        key=f"{key}_search",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Name, e-mail or phone",
    )
    with transaction(current_actor()) as db:
        matches = donors.search(db, current_actor(), query=query or "", limit=MOST + len(but))
    by_id = {match.donor_id: match for match in matches if match.donor_id not in but}
    if not by_id:
        st.caption(
            "No other donor has this name. Add the donor on the Donors page first."
            if len(query or "") > 1
            else "Type at least two letters."
        )
        return None
    ids = list(by_id)[:MOST]
    chosen = st.radio(
        "Donor",
        ids,
        format_func=lambda donor_id: escape(by_id[donor_id].name),
        key=f"{key}_donor",
        captions=[escape(by_id[donor_id].email or by_id[donor_id].city) for donor_id in ids],
    )
    return by_id.get(chosen)
