"""Bulk data for benchmarks: generated with numpy and loaded with COPY in a few statements."""

from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np
import pyarrow as pa

from app import accounts
from app.db import Session
from app.db.statements.bulk_copy import copy_in
from app.demo import queries
from app.demo.columns import Giving, Numbers, generate_giving
from app.demo.donors.roster import FUNDS, METHODS
from app.demo.people import CURRENCY
from app.demo.service import add_users
from app.demo.vocabulary import PEOPLE
from app.kit.errors import InvalidError

MOST_DONORS, MOST_GIFTS = 5_000_000, 100_000_000


@dataclass(frozen=True, slots=True)
class Generated:
    """The numbers of rows added."""

    donors: int
    pledges: int
    gifts: int


def generate(db: Session, *, donors: int, gifts: int, seed: int, today: date) -> Generated:
    """Add `donors` donors and exactly `gifts` gifts up to `today`; equal seeds give equal data.

    If the database has no users yet, the demo organisation and its users are added first;
    otherwise the donors are assigned to the existing fundraisers.

    Raises:
        InvalidError: a number is out of range.
    """
    if not (0 < donors <= MOST_DONORS and 0 <= gifts <= MOST_GIFTS):
        msg = f"Choose 1 to {MOST_DONORS:,} donors and 0 to {MOST_GIFTS:,} gifts."
        raise InvalidError(msg)
    queries.allow_long_statements(db)
    if accounts.has_no_users(db):
        add_users(db, today=today)
    rng = np.random.default_rng(seed)
    giving = generate_giving(rng, donors=donors, gifts=gifts, today=today)
    funds = queries.funds(db, FUNDS[0])
    fund_ids = np.array([funds[name] for name in FUNDS[0]])
    own_fund = rng.choice(fund_ids, donors, p=_shares(FUNDS[1]))
    first = queries.reserve(db, "donor", donors)
    _copy_donors(db, rng, first, giving)
    first_pledge = queries.reserve(db, "pledge", int(giving.promised.sum()))
    pledge_ids = np.cumsum(giving.promised) - 1 + first_pledge
    _copy_pledges(db, first, pledge_ids, own_fund, giving)
    _copy_gifts(db, rng, first, pledge_ids, own_fund, giving)
    queries.analyse(db)
    return Generated(donors=donors, pledges=int(giving.promised.sum()), gifts=gifts)


def _copy_donors(db: Session, rng: np.random.Generator, first: int, giving: Giving) -> None:
    number = len(giving.promised)
    team: list[int | None] = [*queries.fundraisers(db)]
    owners = np.array(team or [None], dtype=object)
    firsts = np.array(
        list(chain.from_iterable(names for names, _ in PEOPLE.values())), dtype=object
    )
    lasts = np.array(
        list(chain.from_iterable(names for _, names in PEOPLE.values())), dtype=object
    )
    first_names, last_names = rng.choice(firsts, number), rng.choice(lasts, number)
    ids = np.arange(first, first + number)
    status = np.where(giving.counts > 0, "donor", "prospect")
    table = pa.table(
        {
            "id": ids,
            "name": first_names + " " + last_names,
            "first_name": first_names,
            "last_name": last_names,
            "status": status,
            "owner_id": pa.array(owners[rng.integers(0, len(owners), number)], pa.int64()),
        }
    )
    copy_in(db, "donor", table.column_names, table)
    emails = pa.table(
        {
            "donor_id": ids,
            "email": [f"friend.{donor_id}@post.example" for donor_id in ids.tolist()],
            "is_primary": np.full(number, True),
        }
    )
    copy_in(db, "donor_email", emails.column_names, emails)


def _copy_pledges(
    db: Session, first: int, pledge_ids: Numbers, own_fund: Numbers, giving: Giving
) -> None:
    with_pledge = np.flatnonzero(giving.promised)
    table = pa.table(
        {
            "id": pledge_ids[with_pledge],
            "donor_id": with_pledge + first,
            "amount_minor": giving.amounts[with_pledge],
            "currency": [CURRENCY] * len(with_pledge),
            "frequency": giving.frequency[with_pledge],
            "anchor_day": giving.anchor[with_pledge],
            "start_date": pa.array(giving.start[with_pledge].astype("datetime64[D]"), pa.date32()),
            "status": giving.status[with_pledge],
            "fund_id": own_fund[with_pledge],
        }
    )
    copy_in(db, "pledge", table.column_names, table)


def _copy_gifts(
    db: Session,
    rng: np.random.Generator,
    first: int,
    pledge_ids: Numbers,
    own_fund: Numbers,
    giving: Giving,
) -> None:
    number = len(giving.donor)
    if not number:
        return
    # oldest first, in the order in which an organisation enters its gifts
    order = np.argsort(giving.on, kind="stable")
    donor, days = giving.donor[order], giving.on[order].astype("datetime64[D]")
    minor, linked = giving.minor[order], giving.linked[order]
    methods = np.array(METHODS[0])
    thanked = days + rng.integers(1, 6, number)
    table = pa.table(
        {
            "donor_id": donor + first,
            "amount_minor": minor,
            "base_minor": minor,
            "currency": pa.array([CURRENCY], pa.string()).take(np.zeros(number, "int64")),
            "gift_date": pa.array(days, pa.date32()),
            "method": methods[rng.choice(len(methods), number, p=_shares(METHODS[1]))],
            "fund_id": own_fund[donor],
            "pledge_id": pa.array(pledge_ids[donor], mask=~linked),
            "thanked_at": pa.array(thanked, pa.date32(), mask=thanked >= giving.today),
        }
    )
    copy_in(db, "gift", table.column_names, table)


def _shares(weights: tuple[int, ...]) -> Numbers:
    return np.array(weights) / sum(weights)
