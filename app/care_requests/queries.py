"""SQL of prayer and care requests. A request is visible to users who see its donor."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    tuple_,
    update,
)

from app.accounts import Actor, editable_donors, visible_donors
from app.db import Session
from app.db.models import CareRequest, Donor
from app.donors.anonymity import hidden, shown_name

# a request, its donor's name as the actor may see it, whether that is hidden, whether the actor
# may change it
RequestRow = Row[CareRequest, str, bool, bool]


def _rows(actor: Actor) -> Select[CareRequest, str, bool, bool]:
    return (
        select(CareRequest, shown_name(actor), hidden(actor), editable_donors(actor))
        .join(Donor, Donor.id == CareRequest.donor_id)
        .where(visible_donors(actor))
    )


def of_donor(db: Session, actor: Actor, *, donor_id: int) -> Sequence[RequestRow]:
    """Return a visible donor's requests: open ones first, then the latest answers."""
    statement = _rows(actor).where(CareRequest.donor_id == donor_id)
    order = CareRequest.answered_on.desc().nulls_first(), CareRequest.asked_on, CareRequest.id
    return db.execute(statement.order_by(*order)).all()


def page(
    db: Session, actor: Actor, *, answered: bool, limit: int, after: tuple[date, int] | None
) -> Sequence[RequestRow]:
    """Return open requests, the oldest first, or answered ones, the latest answer first.

    `after` is the (day, id) of the previous page's last request: the day on which it was asked, or
    answered.
    """
    statement = _rows(actor).where(_state(answered=answered)).limit(limit)
    if answered:
        key = tuple_(CareRequest.answered_on, CareRequest.id)
        further = key < tuple_(*map(literal, after)) if after else true()
        order = CareRequest.answered_on.desc(), CareRequest.id.desc()
        return db.execute(statement.where(further).order_by(*order)).all()
    key = tuple_(CareRequest.asked_on, CareRequest.id)
    further = key > tuple_(*map(literal, after)) if after else true()
    return db.execute(
        statement.where(further).order_by(CareRequest.asked_on, CareRequest.id)
    ).all()


def count(db: Session, actor: Actor) -> tuple[int, int]:
    """Return how many visible requests are open and how many are answered."""
    statement = (
        select(
            func.count().filter(_state(answered=False)), func.count().filter(_state(answered=True))
        )
        .select_from(CareRequest)
        .join(Donor, Donor.id == CareRequest.donor_id)
        .where(visible_donors(actor))
    )
    open_ones, answered = db.execute(statement).one()
    return open_ones, answered


def _state(*, answered: bool) -> ColumnElement[bool]:
    column = CareRequest.answered_on
    return column.is_not(None) if answered else column.is_(None)


def donor_of(db: Session, actor: Actor, request_id: int) -> int | None:
    """Return the donor of a request that the actor may see."""
    statement = select(CareRequest.donor_id).join(Donor, Donor.id == CareRequest.donor_id)
    return db.scalar(statement.where(CareRequest.id == request_id, visible_donors(actor)))


def locked(db: Session, request_id: int) -> CareRequest | None:
    """Return a request for a change, locked until the transaction ends, or None."""
    return db.get(CareRequest, request_id, populate_existing=True, with_for_update=True)


def add(db: Session, **values: object) -> int:
    """Insert a request and return its id."""
    return db.execute(insert(CareRequest).values(**values).returning(CareRequest.id)).scalar_one()


def set_values(db: Session, request_id: int, **values: object) -> None:
    """Change a request, as a new version."""
    db.execute(
        update(CareRequest)
        .where(CareRequest.id == request_id)
        .values(**values, version=CareRequest.version + 1, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


def remove(db: Session, request_id: int) -> None:
    """Delete a request."""
    db.execute(
        delete(CareRequest)
        .where(CareRequest.id == request_id)
        .execution_options(synchronize_session=False)
    )
