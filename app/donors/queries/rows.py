"""Types of the rows that the queries return."""

from datetime import date
from typing import Protocol

from app.db.models import Donor


class DonorListRow(Protocol):
    """One row of the list of donors; amounts are in minor units."""

    id: int
    name: str
    anonymous: bool
    kind: str
    status: str
    owner_id: int | None
    owner_name: str | None
    giving: str | None
    pledge_late: bool
    rhythm_days: float | None
    gifts: int
    last_gift_date: date | None
    year_minor: int
    total_minor: int
    last_contacted_on: date | None
    sort_value: str | None


class DonorHead(Protocol):
    """A donor with its sums in minor units, its owner's name and the actor's permissions."""

    Donor: Donor
    owner_name: str | None
    gifts: int
    total_minor: int
    largest_minor: int | None
    first_gift_date: date | None
    last_gift_date: date | None
    this_minor: int
    last_minor: int
    editable: bool
    giftable: bool


class MonthRow(Protocol):
    """A month's income in minor units, split by whether it belongs to a pledge."""

    month: date
    pledged: int
    one_time: int


class AtRiskRow(Protocol):
    """A donor who may be stopping, with the latest score and the primary contact details."""

    id: int
    name: str
    owner_id: int | None
    status: str
    risk: float
    gifts: int
    last_gift: date
    rhythm_days: float | None
    regular: bool
    expected_by: date
    peers: int | None
    peers_returned: int | None
    email: str | None
    phone: str | None
