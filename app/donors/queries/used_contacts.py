"""The rule of `contacts.rules.used_contact` as SQL: which e-mail, phone or address is used.

`tests/integration/donors/test_contact_details.py` compares it with the rule in Python.
"""

from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
)

from app.db.models import DonorAddress, DonorEmail, DonorPhone
from app.donors.contacts.details import SEASONAL

# the organisation's date, for files
TODAY: ColumnElement[date] = literal_column(
    "(now() at time zone coalesce((select time_zone from organisation), 'UTC'))::date", Date
)


def used_email(donor_id: SQLColumnExpression[int]) -> ScalarSelect[str]:
    """Return a subquery of the e-mail to use for a donor."""
    return _used(DonorEmail, DonorEmail.email, donor_id)


def used_phone(donor_id: SQLColumnExpression[int]) -> ScalarSelect[str]:
    """Return a subquery of the phone number to use for a donor."""
    return _used(DonorPhone, DonorPhone.phone, donor_id)


def _used(
    model: type[DonorEmail | DonorPhone],
    column: SQLColumnExpression[str],
    donor_id: SQLColumnExpression[int],
) -> ScalarSelect[str]:
    return (
        select(column)
        .where(model.donor_id == donor_id, ~model.do_not_use)
        .order_by(model.is_primary.desc(), model.id)
        .limit(1)
        .scalar_subquery()
    )


def used_address(
    donor_id: SQLColumnExpression[int], on: ColumnElement[date], *columns: SQLColumnExpression[Any]
) -> Select[Any]:
    """Return a query of the address to use for a donor on a day, which has at most one row."""
    return (
        select(*columns)
        .where(DonorAddress.donor_id == donor_id, _usable(on))
        .order_by(
            (DonorAddress.type == SEASONAL).desc(), DonorAddress.is_primary.desc(), DonorAddress.id
        )
        .limit(1)
    )


def _usable(on: ColumnElement[date]) -> ColumnElement[bool]:
    month_day = func.to_char(on, "MM-DD")
    begun, unfinished = DonorAddress.season_from <= month_day, DonorAddress.season_to >= month_day
    in_season = case(
        (DonorAddress.season_from <= DonorAddress.season_to, and_(begun, unfinished)),
        else_=or_(begun, unfinished),
    )
    return and_(
        ~DonorAddress.do_not_use,
        or_(DonorAddress.valid_from.is_(None), DonorAddress.valid_from <= on),
        or_(DonorAddress.valid_to.is_(None), DonorAddress.valid_to >= on),
        or_(DonorAddress.season_from.is_(None), in_season),
    )
