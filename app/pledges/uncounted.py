"""Pledges that a sum in the organisation's currency leaves out, as no exchange rate is known."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from app.accounts import Actor
from app.db import Session
from app.kit.money import Money
from app.kit.words import count
from app.pledges import forecast, queries_uncounted, reading
from app.pledges.answers import PledgeFilter

NOT_IN_FORCE = frozenset({"paused", "fulfilled", "completed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Uncounted:
    """How many pledges in force in a currency are in no sum."""

    currency: str
    pledges: int

    def __str__(self) -> str:
        """Say it: "2 pledges in CHF are not counted: no exchange rate"."""
        verb = "is" if self.pledges == 1 else "are"
        many = count(self.pledges, "pledge")
        return f"{many} in {self.currency} {verb} not counted: no exchange rate"


@dataclass(frozen=True, slots=True)
class MonthlySupport:
    """What the pledges in force mean a month, and those that are not in it."""

    amount: Money
    uncounted: tuple[Uncounted, ...] = ()


def monthly_support(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> MonthlySupport:
    """Return what `monthly_equivalent` does, and which pledges it leaves out."""
    amount, missing = forecast.in_base(db, actor, today=today, owner_id=owner_id, fund_id=fund_id)
    if not missing:
        return MonthlySupport(amount)
    chosen = PledgeFilter(owner_id=owner_id, fund_id=fund_id, statuses=("active",))
    ids = queries_uncounted.in_currencies(db, actor, chosen, currencies=missing)
    lines = reading.standings(db, actor, today=today, pledge_ids=ids)
    many = Counter(
        one.amount.currency
        for one in lines
        if one.start <= today
        and (one.end is None or one.end >= today)
        and one.state not in NOT_IN_FORCE
    )
    return MonthlySupport(amount, tuple(Uncounted(*one) for one in sorted(many.items())))
