"""Search for donors as one types, and the donors one opened last."""

from app.accounts import Actor
from app.db import Session
from app.donors.queries import search as queries
from app.donors.results import DonorMatch
from app.kit import text

FEWEST_LETTERS = 2


def search(db: Session, actor: Actor, *, query: str, limit: int = 20) -> list[DonorMatch]:
    """Find donors by name, e-mail, phone or id; without a match, by similar names."""
    if len(text.search(query).strip()) < FEWEST_LETTERS:
        return []
    rows = queries.search(db, actor, query, limit=limit, similar=False)
    if not rows:
        queries.lower_similarity_threshold(db)
        rows = queries.search(db, actor, query, limit=limit, similar=True)
    return [DonorMatch(*row) for row in rows]


def opened_lately(db: Session, actor: Actor, *, limit: int = 8) -> list[DonorMatch]:
    """Return the donors whose page the acting user opened last, newest first.

    During impersonation ("View as") these are the viewer's, among the donors of that view.
    """
    user_id = actor.viewer_id or actor.user_id
    rows = queries.opened_lately(db, actor, user_id=user_id, limit=limit)
    return [DonorMatch(*row) for row in rows]
