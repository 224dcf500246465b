"""Households and relations of the demo data."""

from collections.abc import Sequence

from app import households
from app.accounts import SYSTEM
from app.db import Session
from app.demo.donors.drafts import DonorDraft

# fundraisers with a household among their donors
OWNERS = (0, 1)


def write_households(db: Session, drafts: Sequence[DonorDraft], ids: Sequence[int]) -> None:
    """Make a household of the last two persons of some fundraisers who have given.

    A third donor has brought the first one, and an organisation employs the second.
    """
    for owner in OWNERS:
        persons = _donors(drafts, ids, owner, "person")
        organisations = _donors(drafts, ids, owner, "organisation")
        *_, referrer, head, member = persons
        households.make(db, SYSTEM, head_id=head, member_ids=[member])
        households.add_relation(db, SYSTEM, donor_id=head, other_id=referrer, type="referrer")
        if organisations:
            households.add_relation(
                db, SYSTEM, donor_id=member, other_id=organisations[-1], type="employer"
            )


def _donors(drafts: Sequence[DonorDraft], ids: Sequence[int], owner: int, kind: str) -> list[int]:
    return [
        donor_id
        for draft, donor_id in zip(drafts, ids, strict=True)
        if draft.owner == owner and draft.gifts and draft.row.get("kind", "person") == kind
    ]
