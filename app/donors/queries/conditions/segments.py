"""SQL of saved segments: those a user may use, and their changes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts import Actor
from app.db import Session
from app.db.models import DonorSegment, TeamMember, User

# a segment, and its owner's name
SegmentRow = Row[DonorSegment, str]


def usable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the segments that the actor may use.

    These are the actor's own, those of the organisation, and those for the team of whoever owns
    them: a lead and the members assigned to the same lead are one team.
    """
    return or_(
        DonorSegment.user_id == actor.user_id,
        DonorSegment.shared_with == "organisation",
        and_(DonorSegment.shared_with == "team", _same_team(actor)),
    )


def _same_team(actor: Actor) -> ColumnElement[bool]:
    of_owner, of_reader = aliased(TeamMember), aliased(TeamMember)
    owner, reader = DonorSegment.user_id, actor.user_id
    reads = exists().where(of_reader.lead_id == of_owner.lead_id, of_reader.member_id == reader)
    return exists().where(
        or_(of_owner.lead_id == owner, of_owner.member_id == owner),
        or_(of_owner.lead_id == reader, reads.correlate(of_owner)),
    )


def segments(db: Session, actor: Actor) -> Sequence[SegmentRow]:
    """Return the segments that the actor may use with their owners' names, by name."""
    statement = (
        select(DonorSegment, User.name)
        .outerjoin(User, User.id == DonorSegment.user_id)
        .where(usable(actor))
        .order_by(func.lower(DonorSegment.name), DonorSegment.id)
    )
    return db.execute(statement.execution_options(populate_existing=True)).all()


def visible(db: Session, actor: Actor, segment_id: int) -> DonorSegment | None:
    """Return a segment that the actor may use, or None."""
    return db.scalar(select(DonorSegment).where(DonorSegment.id == segment_id, usable(actor)))


def locked(db: Session, actor: Actor, segment_id: int) -> DonorSegment | None:
    """Return a segment that the actor may use for a change, locked, or None."""
    statement = select(DonorSegment).where(DonorSegment.id == segment_id, usable(actor))
    return db.scalar(statement.with_for_update().execution_options(populate_existing=True))


def same_name(db: Session, actor: Actor, name: str, *, but: int | None) -> bool:
    """Return whether the actor owns another segment of this name in any case."""
    own = exists().where(
        DonorSegment.user_id == actor.user_id,
        func.lower(DonorSegment.name) == func.lower(name),
        DonorSegment.id.is_distinct_from(but),
    )
    return bool(db.scalar(select(own)))


def count_own(db: Session, actor: Actor) -> int:
    """Count the actor's own segments."""
    statement = select(func.count()).where(DonorSegment.user_id == actor.user_id)
    return db.scalar(statement) or 0


def add(db: Session, **values: object) -> int:
    """Insert a segment and return its id."""
    return db.execute(
        insert(DonorSegment).values(**values).returning(DonorSegment.id)
    ).scalar_one()


def change(db: Session, segment_id: int, **values: object) -> None:
    """Change a segment, as a new version."""
    db.execute(
        update(DonorSegment)
        .where(DonorSegment.id == segment_id)
        .values(**values, version=DonorSegment.version + 1, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


def remove(db: Session, segment_id: int) -> None:
    """Delete a segment."""
    db.execute(
        delete(DonorSegment)
        .where(DonorSegment.id == segment_id)
        .execution_options(synchronize_session=False)
    )
