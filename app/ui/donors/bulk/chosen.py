"""Which donors an action on the list is for: the ticked ones, or all of its filter."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from app import donors
from app.db import Session
from app.ui.base.formats import count
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms

TICKED, FILTERED = "ticked", "filtered"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ticked donors, and the filter of the list with the number of its donors."""

    ticked: tuple[int, ...]
    donor_filter: donors.DonorFilter
    total: int

    def ask(self, key: str) -> None:
        """Draw the choice between both, in the form of this key."""
        every = "10,000+ donors" if self.total > 10_000 else count(self.total, "donor")  # noqa: PLR2004
        ticked = f"The {count(len(self.ticked), 'ticked donor')}"
        who = {TICKED: ticked} if self.ticked else {}
        who[FILTERED] = f"All {every} of this list"
        st.radio("Whom", list(who), format_func=who.__getitem__, key=f"{key}_who")

    def ids(self, db: Session, key: str) -> Collection[int]:
        """Return the ids of the donors of the choice in this form, as they are now."""
        if forms.choice_value(key, "who", str) == FILTERED:
            return donors.filtered_ids(
                db, current_actor(), filter=self.donor_filter, today=today()
            )
        return self.ticked
