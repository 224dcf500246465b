"""Keyset pagination of pledges, by id."""

from datetime import date

from app.accounts import Actor
from app.db import Session
from app.pledges import read_model
from app.pledges.queries import page as page_queries
from app.pledges.results import PledgeFilter, PledgeLine

PAGE_SIZE = 50


def page(
    db: Session,
    actor: Actor,
    *,
    filter: PledgeFilter,  # noqa: A002
    today: date,
    after: int = 0,
    page_size: int = PAGE_SIZE,
) -> tuple[list[PledgeLine], int | None]:
    """Return one page of pledges with their status, and the id after which the next begins."""
    ids = page_queries.ids(db, actor, filter, after=after, limit=page_size + 1)
    page_ids = ids[:page_size]
    if not page_ids:
        return [], None
    lines = read_model.pledge_statuses(db, actor, today=today, filter=filter, pledge_ids=page_ids)
    next_after = page_ids[-1] if len(ids) > page_size else None
    return sorted(lines, key=lambda line: line.pledge_id), next_after
