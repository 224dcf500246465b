"""Exchange rates: the worth of foreign currencies in the organisation's own, by day.

The gifts that a rate concerns are converted again in the transaction that changes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial
from typing import Any

from app import audit
from app.accounts.authorization import Actor, require, require_own
from app.accounts.organisation import organisation
from app.accounts.queries import exchange_rates as queries
from app.accounts.queries.exchange_rates import CurrencyRates, ExchangeRateLine
from app.accounts.rate_files import check_foreign, check_rate_day, parse_rate, read_rates
from app.db import Session
from app.db.exchange_rates import ConvertedGifts, Period, convert_period, lock_rates
from app.db.statements import timeouts
from app.kit import formatting
from app.kit.errors import NotFoundError
from app.kit.money import Money, check_currency
from app.kit.roles import Role

_LIMIT = timeouts.PLANNING
TOOK_TOO_LONG = (
    f"Converting the gifts took longer than {timeouts.timeout_sentence(_LIMIT)} and was stopped. "
    "Nothing was changed; try again at a quieter time."
)


@dataclass(frozen=True, slots=True)
class RateChanges:
    """What a change of rates did: rates by kind of change, and the gifts converted again.

    `left_out` has sentences on parts of a file that hold no rate.
    """

    base: str
    locale: str
    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    deleted: int = 0
    currencies: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    gifts: tuple[ConvertedGifts, ...] = ()

    @property
    def changes(self) -> int:
        """The number of rates that changed."""
        return self.added + self.corrected + self.deleted

    @property
    def sentence(self) -> str:
        """The numbers of rates as a sentence."""
        if not self.changes:
            return f"Nothing changed: {self._count(self.unchanged, 'rate')} already here."
        changed = (self.added, "new"), (self.corrected, "corrected"), (self.deleted, "deleted")
        parts = (*changed, (self.unchanged, "here already"))
        write = partial(formatting.number, locale=self.locale)
        numbers = ", ".join(f"{write(number)} {label}" for number, label in parts if number)
        return f"{self._count(self.changes + self.unchanged, 'rate')}: {numbers}."

    @property
    def gift_sentences(self) -> tuple[str, ...]:
        """One sentence per currency whose gifts were converted again."""
        return tuple(self._gift_sentence(gifts) for gifts in self.gifts)

    def _gift_sentence(self, gifts: ConvertedGifts) -> str:
        money = partial(formatting.money, locale=self.locale)
        write = partial(formatting.number, locale=self.locale)
        before, after = (money(Money(minor, self.base)) for minor in (gifts.before, gifts.after))
        number = self._count(gifts.gifts, "gift")
        sentence = f"{number} in {gifts.currency}: from {before} to {after}"
        if gifts.counted:
            sentence += f"; {write(gifts.counted)} waited for a rate"
        if gifts.waiting:
            sentence += f"; {write(gifts.waiting)} without a rate and in no sum"
        return f"{sentence}."

    def _count(self, number: int, noun: str) -> str:
        return formatting.count(number, noun, locale=self.locale)


def set_exchange_rate(
    db: Session,
    actor: Actor,
    *,
    currency: str,
    day: date,
    rate: Decimal | str,
    today: date,
    dry_run: bool = False,
) -> RateChanges:
    """Save what one unit of a currency is worth in the organisation's, from this day on.

    It holds until the day of a later rate; the gifts of these days are converted again.
    Administrators only. `dry_run` returns what would change and changes nothing.

    Raises:
        InvalidError: the currency is unknown or the organisation's own, the rate is no positive
            number with at most eight decimals, or the day is far ahead.
        ConflictError: gifts are being imported.
    """
    base = _begin(db, actor)
    check_foreign(currency, base=base)
    check_rate_day(day, today=today)
    worth = parse_rate(rate)
    with db.begin_nested() as savepoint:
        lock_rates(db)
        before = queries.rate_of_day(db, currency, day)
        changes = _store(db, actor, base, {(currency, day): worth})
        if changes.changes:
            sentence = (
                f"Set the exchange rate of {day.isoformat()}: 1 {currency} = {worth:f} {base}"
            )
            old = None if before is None else {"rate": f"{before:f}"}
            new = {"currency": currency, "day": day.isoformat(), "rate": f"{worth:f}"}
            _log(db, actor, "set", sentence, changes, before=old, after=new)
        if dry_run:
            savepoint.rollback()
    return changes


def delete_exchange_rate(
    db: Session, actor: Actor, *, currency: str, day: date, dry_run: bool = False
) -> RateChanges:
    """Delete a mistaken rate; its gifts are converted at the rate before it, or wait for one.

    Administrators only. `dry_run` returns what would change and changes nothing.

    Raises:
        NotFoundError: there is no rate of this currency and day.
        ConflictError: gifts are being imported.
    """
    base = _begin(db, actor)
    with db.begin_nested() as savepoint:
        lock_rates(db)
        old = queries.rate_of_day(db, currency, day)
        if old is None:
            msg = "There is no exchange rate of this currency and day."
            raise NotFoundError(msg)
        queries.delete_rate(db, currency, day)
        period = Period(currency, day, queries.next_day(db, currency, day))
        changes = RateChanges(
            base, actor.locale, deleted=1, currencies=(currency,), gifts=_convert(db, [period])
        )
        sentence = f"Deleted the exchange rate of {day.isoformat()}: 1 {currency} = {old:f} {base}"
        before = {"currency": currency, "day": day.isoformat(), "rate": f"{old:f}"}
        _log(db, actor, "deleted", sentence, changes, before=before, after={})
        if dry_run:
            savepoint.rollback()
    return changes


def import_exchange_rates(
    db: Session, actor: Actor, *, data: bytes, today: date, dry_run: bool = False
) -> RateChanges:
    """Save the rates of a CSV file: all of them, or none if a row cannot be used.

    The file is one of the European Central Bank, or has the columns currency, day and rate.
    Administrators only. `dry_run` returns what would change and changes nothing.

    Raises:
        InvalidError: the file is no table of rates; the message names the rows and says why.
        ConflictError: gifts are being imported.
    """
    base = _begin(db, actor)
    file = read_rates(data, base=base, today=today)
    with db.begin_nested() as savepoint:
        lock_rates(db)
        changes = _store(db, actor, base, file.rates, left_out=file.left_out)
        if changes.changes:
            sentence = f"Imported exchange rates. {changes.sentence}".removesuffix(".")
            new = {
                "added": changes.added,
                "corrected": changes.corrected,
                "currencies": list(changes.currencies),
            }
            _log(db, actor, "imported", sentence, changes, before=None, after=new)
        if dry_run:
            savepoint.rollback()
    return changes


def exchange_rates(
    db: Session,
    actor: Actor,
    *,
    currency: str | None = None,
    before: tuple[str, date] | None = None,
    limit: int | None = None,
) -> list[ExchangeRateLine]:
    """Return the exchange rates by currency, the newest first. Administrators only.

    `before` is the currency and day of the last rate of a page, and `limit` the size of the next.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    if currency is not None:
        check_currency(currency)
    return queries.rates(db, currency=currency, before=before, limit=limit)


def exchange_rate_currencies(db: Session, actor: Actor) -> list[CurrencyRates]:
    """Return the newest rate of each currency. Administrators only."""
    require(actor, Role.ADMIN, Role.SYSTEM)
    return queries.currencies(db)


def worth_at_rate(amount: Money, rate: Decimal | str, base: str) -> Money:
    """Return what an amount becomes at a rate, rounding half to even, as gifts are converted.

    Raises:
        InvalidError: the rate is none.
    """
    unit = Money.of(1, base)
    worth = amount.amount * parse_rate(rate) * unit.minor
    return Money(int(worth.to_integral_value(ROUND_HALF_EVEN)), base)


def _begin(db: Session, actor: Actor) -> str:
    """Check that the actor may change rates, and return the organisation's currency."""
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    return organisation(db).currency


def _store(
    db: Session,
    actor: Actor,
    base: str,
    rates: dict[tuple[str, date], Decimal],
    *,
    left_out: tuple[str, ...] = (),
) -> RateChanges:
    """Store rates and convert the gifts of the currencies and days that changed."""
    with timeouts.at_most(db, _LIMIT, otherwise=TOOK_TOO_LONG):
        stored = queries.set_rates(db, rates)
    added, corrected = (sum(getattr(each, name) for each in stored) for name in _KINDS)
    periods = [Period(each.currency, each.first, each.following) for each in stored]
    return RateChanges(
        base,
        actor.locale,
        added=added,
        corrected=corrected,
        unchanged=len(rates) - added - corrected,
        currencies=tuple(each.currency for each in stored),
        left_out=left_out,
        gifts=_convert(db, periods),
    )


_KINDS = ("added", "corrected")


def _convert(db: Session, periods: Sequence[Period]) -> tuple[ConvertedGifts, ...]:
    if not periods:
        return ()
    with timeouts.at_most(db, _LIMIT, otherwise=TOOK_TOO_LONG):
        return tuple(convert_period(db, periods))


def _log(
    db: Session,
    actor: Actor,
    verb: str,
    sentence: str,
    changes: RateChanges,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    """Write a change of rates to the audit log, with the gifts and their sums."""
    base = changes.base
    converted = [
        {
            "currency": gifts.currency,
            "gifts": gifts.gifts,
            "from": str(Money(gifts.before, base)),
            "to": str(Money(gifts.after, base)),
        }
        for gifts in changes.gifts
    ]
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"exchange_rate.{verb}",
        entity="exchange_rate",
        sentence="; ".join(
            [sentence, *(text.removesuffix(".") for text in changes.gift_sentences)]
        ),
        before=before,
        after=after | ({"converted": converted} if converted else {}),
    )
