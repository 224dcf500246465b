"""The donors that a filter selects, all of them, for an export."""

from datetime import date

from app.accounts import Actor
from app.db import Session
from app.donors.conditions.resolve import resolve
from app.donors.queries import search as queries
from app.donors.results import DonorFilter
from app.donors.search import FEWEST_LETTERS
from app.kit import text


def filtered_ids(
    db: Session,
    actor: Actor,
    *,
    filter: DonorFilter,  # noqa: A002
    today: date,
) -> tuple[int, ...]:
    """Return the ids of every donor the list would show, similar names included as there.

    Raises:
        InvalidError, NotFoundError: as the list.
    """
    text.search(filter.query)
    conditions = resolve(db, actor, filter, today=today)
    donor_ids = queries.ids(db, actor, filter, similar=False, conditions=conditions)
    if donor_ids or len(filter.query.strip()) <= FEWEST_LETTERS:
        return donor_ids
    queries.lower_similarity_threshold(db)
    return queries.ids(db, actor, filter, similar=True, conditions=conditions)
