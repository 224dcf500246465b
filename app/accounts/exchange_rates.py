"""Exchange rates: the worth of foreign currencies in the organisation's own, by day."""

from datetime import date
from decimal import Decimal, InvalidOperation

from app import audit
from app.accounts.authorization import Actor, require, require_own
from app.accounts.organisation import organisation
from app.accounts.queries import exchange_rates as queries
from app.accounts.queries.exchange_rates import ExchangeRateLine
from app.accounts.users.preferences import check_currency
from app.db import Session
from app.kit.dates.days import check_day
from app.kit.errors import InvalidError
from app.kit.roles import Role

# numeric(18, 8) holds ten digits before the point
LARGEST = Decimal(10**10)
SMALLEST = Decimal("0.00000001")


def set_exchange_rate(
    db: Session, actor: Actor, *, currency: str, day: date, rate: Decimal | str
) -> None:
    """Save what one unit of a currency is worth in the organisation's, from this day on.

    It holds until the day of a later rate. Gifts recorded before keep their value in the
    organisation's currency. Administrators only.

    Raises:
        InvalidError: the currency is unknown or the organisation's own, or the rate is no
            positive number.
    """
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    check_currency(currency)
    check_day(day)
    base = organisation(db).currency
    if currency == base:
        msg = f"{currency} is the organisation's own currency: its rate is always 1."
        raise InvalidError(msg)
    worth = _rate(rate)
    before = queries.rate_of_day(db, currency, day)
    queries.set_rate(db, currency, day, worth)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="exchange_rate.set",
        entity="exchange_rate",
        sentence=f"Set the exchange rate of {day.isoformat()}: 1 {currency} = {worth:f} {base}",
        before=None if before is None else {"rate": f"{before:f}"},
        after={"currency": currency, "day": day.isoformat(), "rate": f"{worth:f}"},
    )


def exchange_rates(db: Session, actor: Actor) -> list[ExchangeRateLine]:
    """Return every exchange rate by currency, the newest first. Administrators only."""
    require(actor, Role.ADMIN, Role.SYSTEM)
    return queries.rates(db)


def _rate(rate: Decimal | str) -> Decimal:
    try:
        worth = Decimal(rate)
        possible = SMALLEST <= worth < LARGEST
    except InvalidOperation:
        possible = False
    if not possible:
        msg = "The rate must be a number above 0 such as 1.085: what one unit is worth."
        raise InvalidError(msg)
    return worth.quantize(SMALLEST).normalize()
