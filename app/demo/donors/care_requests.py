"""Prayer and care requests of the demo data: two open ones and an answered one per fundraiser."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.db import Session
from app.db.models import CareRequest
from app.demo import queries
from app.demo.donors.drafts import DonorDraft

# text, days since it was asked, days since it was answered, answer
REQUESTS = (
    ("Her mother's operation next month, and rest for the family", 12, None, None),
    ("A flat near the new school before the children begin there", 34, None, None),
    ("Work again after eight months of looking", 80, 9, "He began at the harbour office."),
)


def write_requests(
    db: Session, drafts: Sequence[DonorDraft], ids: Sequence[int], team: list[int], today: date
) -> None:
    """Write requests of the first persons among each fundraiser's donors."""
    pairs = list(zip(drafts, ids, strict=True))
    rows = []
    for owner, user_id in enumerate(team):
        persons = [key for draft, key in pairs if draft.owner == owner and _is_person(draft)]
        for donor_id, (words, asked, answered, answer) in zip(persons, REQUESTS, strict=False):
            rows.append(
                {
                    "donor_id": donor_id,
                    "text": words,
                    "asked_on": today - timedelta(days=asked),
                    "answered_on": None if answered is None else today - timedelta(days=answered),
                    "answer": answer,
                    "created_by": user_id,
                }
            )
    queries.add(db, CareRequest, rows)


def _is_person(draft: DonorDraft) -> bool:
    return bool(draft.gifts) and draft.row.get("kind", "person") == "person"
