"""Forecast of pledge income, and the monthly equivalent of pledges in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from app.accounts import Actor, organisation
from app.db import Session
from app.db.exchange_rates import rates_on
from app.kit.dates import cadence
from app.kit.dates.days import Span
from app.kit.money import Money, exponent
from app.pledges.queries import forecast as forecast_queries
from app.pledges.queries import pledges as queries
from app.pledges.queries.columns import PledgeRow
from app.pledges.read_model import rule_pledge
from app.pledges.results import PledgeFilter
from app.pledges.rules import lateness, projection


def expected(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> Money:
    """Return the sum still due on active pledges within a span.

    In the organisation's currency. The sum follows the schedule: waived instalments count 0, and
    what was prepaid before the span is subtracted.
    """
    return expected_in_base(db, actor, span=span, owner_id=owner_id, fund_id=fund_id)[0]


def expected_in_base(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> tuple[Money, tuple[str, ...]]:
    """Return the result of `expected` and the currencies left out for lack of a rate."""
    pledge_filter = PledgeFilter(owner_id=owner_id, fund_id=fund_id, statuses=("active",))
    before = span.start - timedelta(days=1)
    rows = forecast_queries.groups(db, actor, pledge_filter, until=span.last, prepaid_on=before)
    sums = projection.due_by_currency((row[:-1] for row in rows if row[-1] is None), span)
    single_ids = tuple(row[-1] for row in rows if row[-1] is not None)
    if single_ids:
        subset = queries.PledgeSubset(pledge_ids=single_ids)
        for row in queries.facts(db, actor, pledge_filter, today=before, subset=subset):
            sums[row.currency] += projection.due_in(rule_pledge(row), span, received=row.received)
    totals = ((currency, Fraction(minor)) for currency, minor in sums.items())
    return converted(db, totals, span.last)


def monthly_equivalent(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> Money:
    """Return the monthly equivalent of the pledges in force, in the organisation's currency.

    In force: active, started, not ended, not paused that day. A fixed pledge follows its schedule:
    it counts until it is paid or over, and not while its instalment is excused.
    """
    return in_base(db, actor, today=today, owner_id=owner_id, fund_id=fund_id)[0]


def monthly_equivalent_by_owner(db: Session, actor: Actor, *, today: date) -> dict[int, Money]:
    """Return the result of `monthly_equivalent` of each owner with pledges in force, by user id.

    The number of statements does not depend on the number of owners.
    """
    by_owner = in_base_by_owner(db, actor, today=today)
    return {owner_id: amount for owner_id, (amount, _) in by_owner.items()}


def in_base(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> tuple[Money, tuple[str, ...]]:
    """Return the result of `monthly_equivalent` and the currencies left out for lack of a rate."""
    pledge_filter = PledgeFilter(owner_id=owner_id, fund_id=fund_id)
    rows = queries.in_force(db, actor, pledge_filter, today=today)
    sums = [
        (currency, cadence.monthly_equivalent(minor, frequency))
        for currency, frequency, minor, single_id in rows
        if single_id is None
    ]
    scheduled_ids = tuple(row[3] for row in rows if row[3] is not None)
    scheduled = _scheduled(db, actor, pledge_filter, scheduled_ids, today)
    sums += [(row.currency, _scheduled_support(row, today)) for row in scheduled]
    return converted(db, sums, today)


def in_base_by_owner(
    db: Session, actor: Actor, *, today: date
) -> dict[int, tuple[Money, tuple[str, ...]]]:
    """Return the result of `in_base` of each owner who has pledges in force, by user id."""
    rows = queries.in_force_by_owner(db, actor, today=today)
    sums: dict[int, list[tuple[str, Fraction]]] = {row[0]: [] for row in rows}
    for owner_id, currency, frequency, minor, single_id in rows:
        if single_id is None:
            sums[owner_id].append((currency, cadence.monthly_equivalent(minor, frequency)))
    owner_of = {row[4]: row[0] for row in rows if row[4] is not None}
    for row in _scheduled(db, actor, PledgeFilter(), tuple(owner_of), today):
        sums[owner_of[row.id]].append((row.currency, _scheduled_support(row, today)))
    return converted_by(db, sums, today)


def _scheduled(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, ids: tuple[int, ...], today: date
) -> Sequence[PledgeRow]:
    """Return the pledges whose support follows their schedule."""
    if not ids:
        return ()
    subset = queries.PledgeSubset(pledge_ids=ids)
    return queries.facts(db, actor, pledge_filter, today=today, subset=subset)


def _scheduled_support(row: PledgeRow, today: date) -> Fraction:
    pledge = rule_pledge(row)
    minor = projection.support(pledge, row.received, today)
    return cadence.monthly_equivalent(minor, pledge.terms_on(today).frequency)


def converted(
    db: Session, sums: Iterable[tuple[str, Fraction]], on: date
) -> tuple[Money, tuple[str, ...]]:
    """Return the sum of minor units in several currencies, and the currencies without a rate."""
    return converted_by(db, {0: sums}, on)[0]


def converted_by(
    db: Session, sums: Mapping[int, Iterable[tuple[str, Fraction]]], on: date
) -> dict[int, tuple[Money, tuple[str, ...]]]:
    """Return the result of `converted` for each key, with the rates of all read at once."""
    base = organisation(db).currency
    totals: dict[int, dict[str, Fraction]] = {}
    for key, amounts in sums.items():
        of_key = totals.setdefault(key, {})
        for currency, minor in amounts:
            of_key[currency] = of_key.get(currency, Fraction(0)) + minor
    foreign = {currency for of_key in totals.values() for currency in of_key} - {base}
    rates = rates_on(db, on, foreign) if foreign else {}

    def worth(currency: str, minor: Fraction) -> Fraction:
        rate = Fraction(rates[currency].rate) if currency in rates else Fraction(currency == base)
        return minor * rate * Fraction(10) ** (exponent(base) - exponent(currency))

    return {
        key: (
            Money(round(sum(worth(*item) for item in of_key.items())), base),
            tuple(sorted(set(of_key) - {base} - set(rates))),
        )
        for key, of_key in totals.items()
    }


def promised_by_month(
    db: Session, actor: Actor, *, donor_id: int, since: date, today: date
) -> dict[date, Money]:
    """Return what was due on a donor's pledges per month, by the month's first day.

    Months without an instalment are missing. In the organisation's currency; nothing is due
    after a pledge has ended.
    """
    months: dict[date, list[tuple[str, Fraction]]] = {}
    if not actor.sees_amounts:
        return {}
    for row in queries.facts(db, actor, PledgeFilter(donor_id=donor_id), today=today):
        for instalment in lateness.instalments(rule_pledge(row), today):
            if instalment.due >= since and instalment.amount:
                first = instalment.due.replace(day=1)
                months.setdefault(first, []).append((row.currency, Fraction(instalment.amount)))
    return {month: converted(db, sums, today)[0] for month, sums in months.items()}
