"""Gifts in foreign currencies: what they are worth, and those that wait for an exchange rate.

A sum of gifts leaves out those that wait. Everything that shows one says so with `awaiting_note`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from app.accounts import Actor, Role
from app.db import Session
from app.db.exchange_rates import rates_on, to_base
from app.gifts.queries import awaiting_rate as queries
from app.gifts.queries.awaiting_rate import GroupBy, SumScope
from app.gifts.results import AwaitingRate, Conversion, GiftFilter
from app.kit import formatting, text
from app.kit.money import Money

EVERY_GIFT = GiftFilter()


def awaiting_rate(
    db: Session,
    actor: Actor,
    *,
    filter: GiftFilter = EVERY_GIFT,  # noqa: A002
) -> tuple[AwaitingRate, ...]:
    """Return the gifts of a filter that wait for an exchange rate, by currency."""
    text.search(filter.query)
    return _lines(queries.awaiting_rate(db, actor, filter))


def awaiting_rates(
    db: Session,
    actor: Actor,
    *,
    sums: Mapping[str, SumScope],
    filter: GiftFilter = EVERY_GIFT,  # noqa: A002
) -> dict[str, tuple[AwaitingRate, ...]]:
    """Return the gifts that each of several sums over a filter leaves out, in one statement."""
    text.search(filter.query)
    rows = queries.awaiting_rate(db, actor, filter, scopes=tuple(sums.values()))
    return {
        name: _lines([row for row in rows if row.scope == index])
        for index, name in enumerate(sums)
    }


def awaiting_rate_by(
    db: Session,
    actor: Actor,
    by: GroupBy,
    *,
    ids: Collection[int] | None = None,
    scope: SumScope = queries.EVERY_DAY,
) -> dict[int, tuple[AwaitingRate, ...]]:
    """Return the gifts that wait for a rate by donor, household, owner, fund or campaign.

    Keys without any are missing; `ids` restricts the keys.
    """
    by_key: dict[int, list[queries.AwaitingRow]] = {}
    for row in queries.awaiting_rate(db, actor, EVERY_GIFT, scopes=(scope,), by=by, ids=ids):
        by_key.setdefault(row.key or 0, []).append(row)
    return {key: _lines(rows) for key, rows in by_key.items()}


def _lines(rows: Sequence[queries.AwaitingRow]) -> tuple[AwaitingRate, ...]:
    return tuple(
        AwaitingRate(
            row.currency, row.gifts, Money(int(row.minor), row.currency), row.first, row.last
        )
        for row in rows
    )


def conversion(db: Session, amount: Money, on: date) -> Conversion | None:
    """Return what a gift of this amount and day is worth; None while it would wait for a rate.

    Raises:
        InvalidError: the converted amount is larger than any amount.
    """
    worth = to_base(db, amount, on)
    if worth is None:
        return None
    if worth.currency == amount.currency:
        return Conversion(worth, Decimal(1), on)
    of_day = rates_on(db, on, [amount.currency])[amount.currency]
    return Conversion(worth, of_day.rate, of_day.since)


def awaiting_sentence(currency: str, gifts: int, *, locale: str) -> str:
    """Return "12 gifts in CHF wait for an exchange rate"."""
    verb = "waits" if gifts == 1 else "wait"
    number = formatting.count(gifts, "gift", locale=locale)
    return f"{number} in {currency} {verb} for an exchange rate"


def awaiting_note(waiting: Iterable[AwaitingRate], *, locale: str) -> str:
    """Return what a sum leaves out: "3 gifts (CHF 200, SEK 1,500) wait for a rate …", or ""."""
    number, sums = 0, dict[str, Money]()
    for line in waiting:
        number += line.gifts
        sums[line.currency] = sums.get(line.currency, Money(0, line.currency)) + line.amount
    if not number:
        return ""
    amounts = ", ".join(
        formatting.money(sums[currency], locale=locale) for currency in sorted(sums)
    )
    verbs = "waits for a rate and is" if number == 1 else "wait for a rate and are"
    return f"{formatting.count(number, 'gift', locale=locale)} ({amounts}) {verbs} not counted."


def may_add_rate(actor: Actor) -> bool:
    """Return whether the actor may add exchange rates, and so end the waiting."""
    return actor.role == Role.ADMIN and not actor.looking


ASK_FOR_RATE = "An administrator can add it."
