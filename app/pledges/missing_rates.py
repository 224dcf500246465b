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
from app.kit import formatting
from app.kit.dates import cadence
from app.kit.dates.days import Span
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
class UncountedPledge:
    """A pledge left out of a sum: its donor, amount and frequency."""

    pledge_id: int
    donor_id: int
    donor_name: str
    amount: Money
    frequency: str
    # of whoever reads the text
    locale: str

    def __str__(self) -> str:
        """Return it as text: "Hanna Vogel (CHF50 a month)"."""
        interval = cadence.INTERVALS[cadence.Frequency(self.frequency)]
        amount = formatting.money(self.amount, locale=self.locale)
        return f"{self.donor_name} ({amount} {interval})"


@dataclass(frozen=True, slots=True)
class Uncounted:
    """The number of pledges in a currency left out of a sum, and the first by donor's name."""

    currency: str
    pledges: int
    # of whoever reads the text
    locale: str
    first: tuple[UncountedPledge, ...] = ()

    def __str__(self) -> str:
        """Return "1 pledge in CHF is not counted: no exchange rate for Ida Roe (CHF5 a week)"."""
        verb = "is" if self.pledges == 1 else "are"
        number = formatting.count(self.pledges, "pledge", locale=self.locale)
        names = formatting.join_names(
            [str(pledge) for pledge in self.first], self.pledges, locale=self.locale
        )
        return f"{number} in {self.currency} {verb} not counted: no exchange rate for {names}"


@dataclass(frozen=True, slots=True)
class Converted:
    """A sum in the organisation's currency, and the pledges left out of it."""

    amount: Money
    uncounted: tuple[Uncounted, ...] = ()


def notes(uncounted: Iterable[Uncounted]) -> tuple[str, ...]:
    """Return one sentence per currency whose pledges are not counted."""
    return tuple(f"{pledges}." for pledges in uncounted)


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
    pledge_filter = PledgeFilter(owner_id=owner_id, fund_id=fund_id, statuses=("active",))
    lines = _lines_in(db, actor, pledge_filter, missing, today)
    in_force = [line for line in lines if _in_force(line, today)]
    return Converted(amount, _uncounted(in_force, actor.locale))


def monthly_support_by_owner(db: Session, actor: Actor, *, today: date) -> dict[int, Converted]:
    """Return the result of `monthly_support` of each owner who has pledges in force, by user id.

    The number of statements does not depend on the number of owners.
    """
    by_owner = forecast.in_base_by_owner(db, actor, today=today)
    missing = sorted({currency for _, missing in by_owner.values() for currency in missing})
    lines = _lines_in(db, actor, PledgeFilter(statuses=("active",)), missing, today)
    in_force = [line for line in lines if _in_force(line, today)]
    return {
        owner_id: Converted(
            amount,
            _uncounted((line for line in in_force if line.owner_id == owner_id), actor.locale),
        )
        for owner_id, (amount, _) in by_owner.items()
    }


def still_expected(
    db: Session, actor: Actor, *, span: Span, fund_id: int | None = None
) -> Converted:
    """Return the result of `expected`, with the pledges it leaves out that have sums due."""
    amount, missing = forecast.expected_in_base(db, actor, span=span, fund_id=fund_id)
    pledge_filter = PledgeFilter(fund_id=fund_id, statuses=("active",))
    before = span.start - timedelta(days=1)
    lines = _lines_in(db, actor, pledge_filter, missing, before)
    subset = queries.PledgeSubset(pledge_ids=tuple(line.pledge_id for line in lines))
    still_due = {
        row.id
        for row in (
            queries.facts(db, actor, pledge_filter, today=before, subset=subset) if lines else ()
        )
        if projection.due_in(read_model.rule_pledge(row), span, received=row.received)
    }
    lines_due = [line for line in lines if line.pledge_id in still_due]
    return Converted(amount, _uncounted(lines_due, actor.locale))


def behind(db: Session, lines: Sequence[PledgeLine], *, today: date, locale: str) -> Converted:
    """Return the sum by which visible pledges are behind, with the pledges left out."""
    lines_behind = [line for line in lines if line.behind.minor]
    sums = ((line.behind.currency, Fraction(line.behind.minor)) for line in lines_behind)
    amount, missing = forecast.converted(db, sums, today)
    left_out = [line for line in lines_behind if line.behind.currency in missing]
    return Converted(amount, _uncounted(left_out, locale))


def not_in_promised(
    db: Session, actor: Actor, *, donor_id: int, since: date, today: date
) -> tuple[Uncounted, ...]:
    """Return the pledges of a donor that `promised_by_month` leaves out."""
    if not actor.sees_amounts:
        return ()
    lines = read_model.pledge_statuses(db, actor, today=today, donor_id=donor_id)
    promised = [
        line for line in lines if line.start <= today and (line.end is None or line.end >= since)
    ]
    sums = ((line.amount.currency, Fraction(line.amount.minor)) for line in promised)
    missing = forecast.converted(db, sums, today)[1]
    return _uncounted((line for line in promised if line.amount.currency in missing), actor.locale)


def _lines_in(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, currencies: Sequence[str], today: date
) -> list[PledgeLine]:
    """Return the pledges of a filter that are in one of the currencies."""
    if not currencies:
        return []
    ids = missing_rate_queries.in_currencies(db, actor, pledge_filter, currencies=currencies)
    return read_model.pledge_statuses(db, actor, today=today, pledge_ids=ids) if ids else []


def _in_force(line: PledgeLine, today: date) -> bool:
    ended = line.end is not None and line.end < today
    return line.start <= today and not ended and line.state not in NOT_IN_FORCE


def _uncounted(lines: Iterable[PledgeLine], locale: str) -> tuple[Uncounted, ...]:
    """Count the pledges by currency and name the first of each."""
    by_currency: dict[str, list[PledgeLine]] = {}
    for line in sorted(lines, key=lambda line: (line.donor_name.lower(), line.pledge_id)):
        by_currency.setdefault(line.amount.currency, []).append(line)
    return tuple(
        Uncounted(
            currency,
            len(currency_lines),
            locale,
            tuple(_uncounted_pledge(line, locale) for line in currency_lines[:NAMED]),
        )
        for currency, currency_lines in sorted(by_currency.items())
    )


def _uncounted_pledge(line: PledgeLine, locale: str) -> UncountedPledge:
    return UncountedPledge(
        line.pledge_id, line.donor_id, line.donor_name, line.amount, line.frequency, locale
    )
