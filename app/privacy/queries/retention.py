"""Queries that remove data past its retention period."""

from datetime import datetime

from sqlalchemy import func, or_, select, update

from app.db import Session
from app.db.models import OutboxMessage

REMOVED_TEXT = "This message was kept for its time. Its text is gone."


def empty_mails(db: Session, *, before: datetime) -> int:
    """Empty the texts of mails finished before a moment and return how many; the rows stay."""
    finished = OutboxMessage.state.in_(("sent", "failed", "suppressed"))
    old = func.coalesce(OutboxMessage.sent_at, OutboxMessage.claimed_at, OutboxMessage.created_at)
    full = or_(OutboxMessage.text_body != REMOVED_TEXT, OutboxMessage.html_body.is_not(None))
    expired = select(OutboxMessage.id).where(finished, old < before, full).scalar_subquery()
    emptied = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(expired))
        .values(text_body=REMOVED_TEXT, html_body=None, headers={})
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.scalars(emptied).all())
