"""SQL of the team: what was done for the donors of each owner, and how many are on the way."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import ContactLog, Donor
from app.donors.queries.search import in_scope
from app.donors.results import DonorFilter

# notes are no contact with a donor
NOTE = "note"


def contacts_by_owner(
    db: Session, actor: Actor, *, since: datetime, until: datetime
) -> dict[int, int]:
    """Return owner → number of contacts with their donors from `since` to before `until`."""
    statement = (
        select(Donor.owner_id, func.count())
        .join(ContactLog, ContactLog.donor_id == Donor.id)
        .where(
            visible_donors(actor),
            ContactLog.kind != NOTE,
            ContactLog.at >= since,
            ContactLog.at < until,
        )
        .group_by(Donor.owner_id)
    )
    rows = db.execute(statement).all()
    return {row[0]: row[1] for row in rows if row[0] is not None}


def donors_by_status(db: Session, actor: Actor) -> dict[int, dict[str, int]]:
    """Return owner → status → number of donors in the list of donors filtered by it."""
    columns: list[Any] = [Donor.owner_id, Donor.status, func.count()]
    scoped = in_scope(select(*columns), actor, DonorFilter(), similar=False)
    by_owner: dict[int, dict[str, int]] = {}
    for row in db.execute(scoped.group_by(Donor.owner_id, Donor.status)):
        if row[0] is not None:
            by_owner.setdefault(row[0], {})[row[1]] = row[2]
    return by_owner
