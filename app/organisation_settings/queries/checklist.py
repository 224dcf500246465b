"""Query of what a new organisation has done already."""

from sqlalchemy import Row, exists, func, select, update

from app.db import Session
from app.db.models import Donor, Gift, MonthlyGoal, Organisation, OutboxMessage, Pledge, User


def state_for_system(db: Session) -> Row[tuple[bool, ...]] | None:
    """Return one row with a yes or no for each step, or None without an organisation."""
    others = select(func.count() > 1).select_from(User).where(User.active)
    sent = exists().where(OutboxMessage.name == "weekly_summary", OutboxMessage.state == "sent")
    return db.execute(
        select(
            Organisation.checklist_hidden.label("hidden"),
            exists(select(Donor.id)).label("donors"),
            exists(select(Gift.id)).label("gifts"),
            exists(select(Pledge.id)).label("pledges"),
            others.scalar_subquery().label("people"),
            exists(select(MonthlyGoal.id).where(MonthlyGoal.minor > 0)).label("goals"),
            sent.label("summaries"),
        )
    ).one_or_none()


def hide(db: Session) -> None:
    """Hide the steps."""
    db.execute(update(Organisation).values(checklist_hidden=True))
