"""Pledges left out of a sum in the organisation's currency for lack of an exchange rate.

Every sum of pledges that may leave some out is computed here, with the names of those left out as
far as the actor may see them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.accounts import Actor
from app.db import Session
from app.kit import cadence, formatting
from app.kit.days import Span
from app.kit.money import Money
from app.pledges import forecast, read_model
from app.pledges.queries import missing_rates as missing_rate_queries
from app.pledges.queries import pledges as queries
from app.pledges.results import PledgeFilter, PledgeLine
from app.pledges.rules import projection

NOT_IN_FORCE = frozenset({"paused", "fulfilled", "completed", "cancelled"})
# pledges named per currency; the rest are only counted
NAMED = 3


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A pledge left out of a sum: its donor, amount and frequency."""

    pledge_id: int
    donor_id: int
    donor_name: str
    amount: Money
    frequency: str

    def __str__(self) -> str:
        """Return it as text: "Hanna Vogel (CHF50 a month)"."""
        how = cadence.WORDS[cadence.Frequency(self.frequency)]
        return f"{self.donor_name} ({formatting.money(self.amount)} {how})"


@dataclass(frozen=True, slots=True)
class Uncounted:
    """The number of pledges in a currency left out of a sum, and the first by donor's name."""

    currency: str
    pledges: int
    first: tuple[LeftOut, ...] = ()

    def __str__(self) -> str:
        """Return "1 pledge in CHF is not counted: no exchange rate for Ida Roe (CHF5 a week)"."""
        verb = "is" if self.pledges == 1 else "are"
        many = formatting.count(self.pledges, "pledge")
        names = formatting.some([str(one) for one in self.first], self.pledges)
        return f"{many} in {self.currency} {verb} not counted: no exchange rate for {names}"


@dataclass(frozen=True, slots=True)
class Converted:
    """A sum in the organisation's currency, and the pledges left out of it."""

    amount: Money
    uncounted: tuple[Uncounted, ...] = ()


def notes(found: Iterable[Uncounted]) -> tuple[str, ...]:
    """Return one sentence per currency whose pledges are not counted."""
    return tuple(f"{one}." for one in found)


def monthly_support(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> Converted:
    """Return the result of `monthly_equivalent`, with the pledges it leaves out."""
    amount, missing = forecast.in_base(db, actor, today=today, owner_id=owner_id, fund_id=fund_id)
    chosen = PledgeFilter(owner_id=owner_id, fund_id=fund_id, statuses=("active",))
    lines = _in(db, actor, chosen, missing, today)
    return Converted(amount, _named(one for one in lines if _in_force(one, today)))


def still_expected(
    db: Session, actor: Actor, *, span: Span, fund_id: int | None = None
) -> Converted:
    """Return the result of `expected`, with the pledges it leaves out that have sums due."""
    amount, missing = forecast.expected_in_base(db, actor, span=span, fund_id=fund_id)
    chosen = PledgeFilter(fund_id=fund_id, statuses=("active",))
    before = span.start - timedelta(days=1)
    lines = _in(db, actor, chosen, missing, before)
    only = queries.Only(pledge_ids=tuple(one.pledge_id for one in lines))
    asking = {
        row.id
        for row in (queries.facts(db, actor, chosen, today=before, only=only) if lines else ())
        if projection.due_in(read_model.pledge_sentence(row), span, received=row.received)
    }
    return Converted(amount, _named(one for one in lines if one.pledge_id in asking))


def behind(db: Session, lines: Sequence[PledgeLine], *, today: date) -> Converted:
    """Return the sum by which visible pledges are behind, with the pledges left out."""
    owing = [one for one in lines if one.behind.minor]
    sums = ((one.behind.currency, Fraction(one.behind.minor)) for one in owing)
    amount, missing = forecast.converted(db, sums, today)
    return Converted(amount, _named(one for one in owing if one.behind.currency in missing))


def not_in_promised(
    db: Session, actor: Actor, *, donor_id: int, since: date, today: date
) -> tuple[Uncounted, ...]:
    """Return the pledges of a donor that `promised_by_month` leaves out."""
    if not actor.sees_amounts:
        return ()
    lines = read_model.pledge_statuses(db, actor, today=today, donor_id=donor_id)
    asked = [one for one in lines if one.start <= today and (one.end is None or one.end >= since)]
    sums = ((one.amount.currency, Fraction(one.amount.minor)) for one in asked)
    missing = forecast.converted(db, sums, today)[1]
    return _named(one for one in asked if one.amount.currency in missing)


def _in(
    db: Session, actor: Actor, chosen: PledgeFilter, currencies: Sequence[str], today: date
) -> list[PledgeLine]:
    """Return the pledges of a filter that are in one of the currencies."""
    if not currencies:
        return []
    ids = missing_rate_queries.in_currencies(db, actor, chosen, currencies=currencies)
    return read_model.pledge_statuses(db, actor, today=today, pledge_ids=ids) if ids else []


def _in_force(one: PledgeLine, today: date) -> bool:
    over = one.end is not None and one.end < today
    return one.start <= today and not over and one.state not in NOT_IN_FORCE


def _named(lines: Iterable[PledgeLine]) -> tuple[Uncounted, ...]:
    """Count the pledges by currency and name the first of each."""
    found: dict[str, list[PledgeLine]] = {}
    for one in sorted(lines, key=lambda one: (one.donor_name.lower(), one.pledge_id)):
        found.setdefault(one.amount.currency, []).append(one)
    return tuple(
        Uncounted(currency, len(all_of), tuple(map(_left_out, all_of[:NAMED])))
        for currency, all_of in sorted(found.items())
    )


def _left_out(one: PledgeLine) -> LeftOut:
    return LeftOut(one.pledge_id, one.donor_id, one.donor_name, one.amount, one.frequency)
