"""SQL of the backtest reports."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import RhythmReliability


def store_for_system(db: Session, report: Mapping[str, object], *, as_of: date) -> None:
    """Store a report, replacing one of the same day."""
    statement = insert(RhythmReliability).values(as_of=as_of, report=report)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["as_of"], set_={"report": statement.excluded.report}
        )
    )


def newest(db: Session, *, limit: int) -> Sequence[dict[str, Any]]:
    """Return the newest reports, newest first."""
    return db.scalars(
        select(RhythmReliability.report).order_by(RhythmReliability.as_of.desc()).limit(limit)
    ).all()
