"""SQL of the periods whose sums `donor_summary` has: by what they differ from others, and moving.

A stored sum and its correction are read by one statement, so that both are of one state of the
data: the figures are exact for any day, however late the periods are moved.
"""

from datetime import date
from typing import Any

from psycopg2.errors import LockNotAvailable
from sqlalchemy import (
    BigInteger,
    Double,
    Select,
    Subquery,
    case,
    cast,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.exc import OperationalError

from app.db import Session
from app.db.models import DonorSummary, Gift, GivingPeriod
from app.kit.dates.days import Span

BOUNDARIES = (
    GivingPeriod.before_start,
    GivingPeriod.before_end,
    GivingPeriod.now_start,
    GivingPeriod.now_end,
)
# Writers of gifts wait behind whoever waits for the lock. Shorter than `deadlock_timeout`: a
# transaction that waits for the move in turn is not the one to fail.
LOCK_TIMEOUT_MS = 500


def days_from_stored(db: Session, before: Span, now: Span) -> int | None:
    """Return by how many days the stored periods differ from these, None if none are stored.

    They may move before the next statement, which reads them again.
    """
    stored = db.execute(select(*BOUNDARIES)).one_or_none()
    if stored is None:
        return None
    wanted = (before.start, before.end, now.start, now.end)
    return sum(abs((day - other).days) for day, other in zip(stored, wanted, strict=True))


def shifts_by_donor(before: Span, now: Span) -> Subquery:
    """Return donor_id, g1 and g2: what the stored sums of a donor lack for these periods."""
    shifts = union_all(*_shifts(before, now)).subquery("shifts")
    g1, g2 = func.sum(shifts.c.g1), func.sum(shifts.c.g2)
    return (
        select(shifts.c.donor_id, g1.label("g1"), g2.label("g2"))
        .group_by(shifts.c.donor_id)
        .subquery("shifted")
    )


def _shifts(before: Span, now: Span) -> list[Select[Any]]:
    """Return donor_id, g1 and g2 of the gifts between a stored boundary and the wanted one.

    A start that moves to a later day leaves gifts out, and an end adds them.
    """
    boundaries: list[tuple[Any, date, int, int]] = [
        (GivingPeriod.before_start, before.start, -1, 0),
        (GivingPeriod.before_end, before.end, 1, 0),
        (GivingPeriod.now_start, now.start, 0, -1),
        (GivingPeriod.now_end, now.end, 0, 1),
    ]
    selects: list[Select[Any]] = []
    for column, wanted, in_before, in_now in boundaries:
        # read once before the gifts, so that the planner expects a short range of days
        stored = select(column).scalar_subquery()
        minor = case((stored < wanted, Gift.base_minor), else_=-Gift.base_minor)
        selects.append(
            select(
                Gift.donor_id,
                cast(in_before * minor, Double).label("g1"),
                cast(in_now * minor, Double).label("g2"),
            ).where(
                Gift.gift_date >= func.least(stored, wanted),
                Gift.gift_date < func.greatest(stored, wanted),
            )
        )
    return selects


def move_for_system(db: Session, before: Span, now: Span) -> bool:
    """Move the stored periods; return False when they are these, or while gifts are written.

    Gifts and donors are locked meanwhile: a gift that is written at the same moment would be
    counted for the old periods.
    """
    if days_from_stored(db, before, now) == 0 or not _locked(db):
        return False
    shifted = shifts_by_donor(before, now)
    db.execute(
        update(DonorSummary)
        .values(
            before_minor=DonorSummary.before_minor + cast(shifted.c.g1, BigInteger),
            now_minor=DonorSummary.now_minor + cast(shifted.c.g2, BigInteger),
        )
        .where(
            DonorSummary.donor_id == shifted.c.donor_id,
            or_(shifted.c.g1 != 0, shifted.c.g2 != 0),
        )
        .execution_options(synchronize_session=False)
    )
    db.execute(
        update(GivingPeriod)
        .values(
            before_start=before.start,
            before_end=before.end,
            now_start=now.start,
            now_end=now.end,
        )
        .execution_options(synchronize_session=False)
    )
    return True


def _locked(db: Session) -> bool:
    """Lock out writers of gifts and donors until the transaction ends; False if there are some."""
    try:
        with db.begin_nested():
            db.execute(text(f"set local lock_timeout = {LOCK_TIMEOUT_MS}"))
            db.execute(text("lock table gift, donor in share row exclusive mode"))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True
