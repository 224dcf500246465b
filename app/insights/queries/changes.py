"""SQL of changes between two periods, from stored sums where these are sufficient."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor
from app.donors import Credit
from app.donors.anonymity import marked_anonymous, shown_name
from app.gifts.queries.awaiting_rate import any_awaiting
from app.insights.queries import own_giving
from app.insights.queries.awaiting_rate import gave_without_rate
from app.insights.queries.periods import ComparedPeriods
from app.insights.queries.units import counted_once, credits_of

# "corrected": donors with only net refunds, in either period; "shared" has no donors
CHANGES = ("new", "back", "up", "same", "down", "lapsed new", "lapsed", "corrected", "shared")


class ChangeRow(Protocol):
    """A row of `changes`: the sums of a kind of change (part "sum"), or one donor."""

    part: str
    kind: int
    donor_id: int
    name: str
    anonymous: bool
    donors: int
    before: float
    now: float
    first_time: int


def changes(
    db: Session, actor: Actor, compared: ComparedPeriods, *, limit: int
) -> Sequence[ChangeRow]:
    """Return rows (part, kind, donor_id, name, and the fields of rules.Sums).

    Part "sum" has one row per kind of change; "top" the donors who gave most now; "moved" those
    whose giving changed most; "once", with soft credits, the sums that count each gift once.
    Amounts are minor units.
    """
    credited = credits_of(actor, compared)
    part = (
        own_giving.per_donor(actor, compared, credited)
        .cte("per_donor")
        .prefix_with("materialized")
    )
    kind = _kind(db, actor, part, compared)
    sums = select(
        literal("sum").label("part"),
        kind.label("kind"),
        null().cast(BigInteger).label("donor_id"),
        func.count().label("donors"),
        func.sum(part.c.g1).label("before"),
        func.sum(part.c.g2).label("now"),
        func.count().filter(part.c.first_day >= compared.before.start).label("first_time"),
    ).group_by(kind)
    top = _largest(part, "top", [part.c.g2.desc()], limit).where(part.c.g2 > 0)
    difference = part.c.g2 - part.c.g1
    moved = _largest(part, "moved", [func.abs(difference).desc()], limit).where(difference != 0)
    named = union_all(*(select(ranking.subquery()) for ranking in (top, moved))).subquery("named")
    unnamed = [sums]
    if credited is not None:
        unnamed.append(_once(counted_once(actor, compared, part, credited).subquery("counted")))
    sums_alone = (
        select(*part_sums.subquery().c, null().label("name"), false().label("anonymous"))
        for part_sums in unnamed
    )
    rows: Sequence[Any] = db.execute(union_all(*sums_alone, _with_names(actor, named))).all()
    return rows


def _with_names(actor: Actor, named: FromClause) -> Select[Any]:
    return (
        select(*named.c, shown_name(actor), marked_anonymous(actor))
        .join(Donor, Donor.id == named.c.donor_id)
        .where(visible_amounts(actor, Donor.owner_id))
    )


def _once(once: FromClause) -> Select[Any]:
    return select(
        literal("once").label("part"),
        literal(-1).label("kind"),
        null().cast(BigInteger).label("donor_id"),
        literal(0).label("donors"),
        once.c.before,
        once.c.now,
        literal(0).label("first_time"),
    )


def _largest(
    part: FromClause, label: str, order: Sequence[ColumnElement[Any]], limit: int
) -> Select[Any]:
    zero = literal(0)
    return (
        select(
            literal(label).label("part"),
            literal(-1).label("kind"),
            part.c.donor_id,
            zero.label("donors"),
            part.c.g1.label("before"),
            part.c.g2.label("now"),
            zero.label("first_time"),
        )
        .order_by(*order, part.c.donor_id)
        .limit(limit)
    )


def drilldown_donors(
    db: Session, actor: Actor, compared: ComparedPeriods, *, kinds: Sequence[str], limit: int
) -> Sequence[Any]:
    """Return (donor_id, name, g1, g2, count, Σg1, Σg2, anonymous) by size of change."""
    credited = credits_of(actor, compared)
    part = own_giving.per_donor(actor, compared, credited).subquery("per_donor")
    kind = _kind(db, actor, part, compared)
    difference = func.abs(part.c.g2 - part.c.g1)
    return db.execute(
        select(
            part.c.donor_id,
            shown_name(actor),
            part.c.g1,
            part.c.g2,
            func.count().over(),
            func.sum(part.c.g1).over(),
            func.sum(part.c.g2).over(),
            marked_anonymous(actor),
        )
        .join(Donor, Donor.id == part.c.donor_id)
        .where(visible_amounts(actor, Donor.owner_id))
        .where(kind.in_([CHANGES.index(kind_name) for kind_name in kinds]))
        .order_by(difference.desc(), part.c.donor_id)
        .limit(limit)
    ).all()


def _kind(
    db: Session, actor: Actor, part: FromClause, compared: ComparedPeriods
) -> ColumnElement[int]:
    """Return the kind of change as its index in CHANGES.

    A net refund in a period is no giving; a gift that waits for an exchange rate is.
    """
    gave_before, gave_now = part.c.g1 > 0, part.c.g2 > 0
    # of soft credits the giver may be somebody whom the actor does not see
    if compared.credit != Credit.HARD or any_awaiting(db, actor):
        gave_before |= gave_without_rate(actor, compared, part, compared.before)
        gave_now |= gave_without_rate(actor, compared, part, compared.now)
    new = part.c.first_day >= compared.now.start
    began_before = part.c.first_day >= compared.before.start
    lapsed = case((began_before, CHANGES.index("lapsed new")), else_=CHANGES.index("lapsed"))
    return case(
        (and_(gave_before, ~gave_now), lapsed),
        (
            and_(gave_now, ~gave_before),
            case((new, CHANGES.index("new")), else_=CHANGES.index("back")),
        ),
        (~gave_before, CHANGES.index("corrected")),
        (part.c.g2 > part.c.g1, CHANGES.index("up")),
        (part.c.g2 < part.c.g1, CHANGES.index("down")),
        else_=CHANGES.index("same"),
    )
