"""SQL of the demo data: bulk inserts that return the new ids in order."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select, text, update

from app.db import Session
from app.db.models import (
    Alert,
    Base,
    Campaign,
    Donor,
    DonorRhythm,
    Fund,
    Gift,
    MonthlyGoal,
    Organisation,
    Pledge,
    PledgeAmount,
    TeamMember,
    User,
)
from app.db.statements import timeouts
from app.db.statements.bulk_copy import copy_in
from app.kit.dates.cadence import GRACE_DAYS, Frequency, monthly_equivalent
from app.kit.dates.days import trailing_year

Rows = Sequence[dict[str, Any]]
# the latest amount of a pledge
LATEST_AMOUNT = func.coalesce(
    select(PledgeAmount.amount_minor)
    .where(PledgeAmount.pledge_id == Pledge.id)
    .order_by(PledgeAmount.effective_from.desc())
    .limit(1)
    .scalar_subquery(),
    Pledge.amount_minor,
)


def add(db: Session, model: type[Base], rows: Rows) -> None:
    """Copy in rows whose ids are not needed; the first row's keys are the columns."""
    if rows:
        names = list(rows[0])
        table = pa.table({name: [row[name] for row in rows] for name in names})
        copy_in(db, model.__tablename__, names, table)


def add_returning(db: Session, model: type[Base], rows: Rows) -> list[int]:
    """Copy in rows and return their ids in the same order."""
    if not rows:
        return []
    first = reserve(db, model.__tablename__, len(rows))
    ids = list(range(first, first + len(rows)))
    add(db, model, [row | {"id": key} for row, key in zip(rows, ids, strict=True)])
    return ids


def lock(db: Session) -> None:
    """Take an advisory lock: only one process may check for an empty database and load it."""
    db.execute(text("select pg_advisory_xact_lock(7041977)"))


def allow_long_statements(db: Session) -> None:
    """Raise the statement timeout of this transaction: large loads exceed a screen's limit."""
    timeouts.allow(db, timeouts.WHOLE_DATABASE)


def is_demo(db: Session) -> bool:
    """Return whether the organisation is the demo organisation."""
    return bool(db.scalar(select(Organisation.is_demo)))


def add_team_members(db: Session, lead_id: int, member_ids: Sequence[int]) -> None:
    """Add fundraisers to a supervisor's team."""
    rows = [
        {"lead_id": lead_id, "member_id": member_id, "kind": "supervisor"}
        for member_id in member_ids
    ]
    add(db, TeamMember, rows)


def add_goals(db: Session, rows: Rows) -> None:
    """Add versions of monthly goals."""
    add(db, MonthlyGoal, rows)


def funds(db: Session, names: Sequence[str]) -> dict[str, int]:
    """Return the fund ids by name; create the missing funds."""
    existing = {name: key for key, name in db.execute(select(Fund.id, Fund.name))}
    missing = [name for name in names if name not in existing]
    new_ids = add_returning(db, Fund, [{"name": name} for name in missing])
    return existing | dict(zip(missing, new_ids, strict=True))


def add_campaign(db: Session, **values: object) -> int:
    """Insert the appeal and return its id."""
    return add_returning(db, Campaign, [values])[0]


def set_codes(db: Session, codes: dict[int, str]) -> None:
    """Set the codes of funds in the bookkeeping."""
    for fund_id, code in codes.items():
        db.execute(update(Fund).where(Fund.id == fund_id).values(gl_code=code))


def release_purposes(db: Session, gift_id: int) -> None:
    """Clear the fund and campaign of a split gift: its splits name them."""
    db.execute(update(Gift).where(Gift.id == gift_id).values(fund_id=None, campaign_id=None))


def fundraisers(db: Session) -> list[int]:
    """Return the ids of the active fundraisers."""
    statement = select(User.id).where(User.active, User.role == "fundraiser").order_by(User.id)
    return list(db.scalars(statement))


def monthly_support_for_system(db: Session, *, today: date) -> dict[int | None, int]:
    """Return the monthly support by owner in minor units.

    It is the monthly equivalent of the active pledges, plus a twelfth of the gifts of the last
    twelve months that belong to no pledge.
    """
    promised = (
        select(Donor.owner_id, Pledge.frequency, LATEST_AMOUNT)
        .join(Donor, Donor.id == Pledge.donor_id)
        .where(Pledge.status == "active")
    )
    support: dict[int | None, Fraction] = defaultdict(Fraction)
    for owner_id, frequency, minor in db.execute(promised):
        support[owner_id] += monthly_equivalent(minor, frequency)
    year = trailing_year(today)
    loose = (
        select(Donor.owner_id, func.sum(Gift.base_minor))
        .join(Donor, Donor.id == Gift.donor_id)
        .where(Gift.pledge_id.is_(None), Gift.gift_date >= year.start, Gift.gift_date < year.end)
        .group_by(Donor.owner_id)
    )
    for owner_id, minor in db.execute(loose):
        support[owner_id] += Fraction(int(minor), 12)
    return {owner_id: round(minor) for owner_id, minor in support.items()}


def date_alerts_for_system(db: Session, *, today: date) -> None:
    """Date each alert to the day on which the nightly check would first have raised it."""
    rows = db.execute(
        select(Alert.id, Alert.since, Pledge.frequency, DonorRhythm.expected_by)
        .outerjoin(Pledge, Pledge.id == Alert.pledge_id)
        .outerjoin(DonorRhythm, DonorRhythm.donor_id == Alert.donor_id)
    ).all()
    for key, since, frequency, expected_by in rows:
        first = since
        if frequency:
            first += timedelta(days=GRACE_DAYS[Frequency(frequency)] + 1)
        elif expected_by:
            # a donor is at risk about half a gap after the expected day
            first += (expected_by - since) * 3 / 2
        db.execute(update(Alert).where(Alert.id == key).values(raised_on=min(today, first)))


def reserve(db: Session, table: str, number: int) -> int:
    """Reserve `number` ids of a table's sequence and return the first."""
    sequence = func.pg_get_serial_sequence(table, "id")
    last = db.scalar(select(func.setval(sequence, func.nextval(sequence) + number - 1)))
    return int(last or 0) - number + 1


def analyse(db: Session) -> None:
    """Update the planner statistics of the filled tables."""
    db.execute(text("analyze donor, donor_email, gift, pledge, donor_summary, donor_year"))
