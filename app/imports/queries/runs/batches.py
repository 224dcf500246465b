"""Queries of the runs that are imported together."""

from sqlalchemy import select, update

from app.db import Session
from app.db.models import ImportRun


def begin(db: Session, run_id: int) -> None:
    """Make a run the first of a batch, whose id is the run's."""
    db.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id)
        .values(batch_id=run_id)
        .execution_options(synchronize_session=False)
    )


def members(db: Session, batch_id: int) -> list[int]:
    """Return the runs of a batch, in the order in which they are written."""
    return list(
        db.scalars(
            select(ImportRun.id).where(ImportRun.batch_id == batch_id).order_by(ImportRun.id)
        )
    )


def together(db: Session, run_id: int, *states: str) -> list[int]:
    """Return a run and those of its batch, if all in one of these states, in order."""
    own = select(ImportRun.batch_id).where(ImportRun.id == run_id).scalar_subquery()
    return list(
        db.scalars(
            select(ImportRun.id)
            .where(
                (ImportRun.id == run_id) | (ImportRun.batch_id == own),
                ImportRun.state.in_(states),
            )
            .order_by(ImportRun.id)
        )
    )
