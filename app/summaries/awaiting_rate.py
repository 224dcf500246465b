"""What the figures of the weekly summary leave out for lack of an exchange rate."""

from dataclasses import dataclass
from datetime import date

from app import gifts
from app.accounts import Actor, organisation
from app.db import Session
from app.gifts import SumScope
from app.kit.dates.days import Span, fiscal_to_date, trailing_year
from app.settings import settings


@dataclass(frozen=True, slots=True)
class NotCounted:
    """The gifts of the week that no figure counts, and the sentence on those of all figures.

    `link` is where to add the rate, for whoever may; both texts are "" without such gifts.
    """

    of_week: int
    sentence: str
    link: str


def not_counted(db: Session, actor: Actor, *, week: Span, today: date) -> NotCounted:
    """Return what the sums of the week, the fiscal year and the monthly support leave out."""
    year = fiscal_to_date(today, organisation(db).fiscal_start_month)
    sums = {"week": SumScope((week,)), "figures": SumScope((week, year, trailing_year(today)))}
    awaiting = gifts.awaiting_rates(db, actor, sums=sums)
    of_week = sum(line.gifts for line in awaiting["week"])
    note = gifts.awaiting_note(awaiting["figures"], locale=actor.locale)
    if not note:
        return NotCounted(of_week, "", "")
    if gifts.may_add_rate(actor):
        return NotCounted(of_week, note, f"{settings().public_url}/exchange-rates")
    return NotCounted(of_week, f"{note} {gifts.ASK_FOR_RATE}", "")


def notes_by_owner(db: Session, actor: Actor, *, week: Span) -> dict[int, str]:
    """Return what each team member's sum of the week leaves out, by user; "" without any."""
    scope = SumScope((week,))
    by_owner = gifts.awaiting_rate_by(db, actor, gifts.GroupBy.OWNER, scope=scope)
    return {
        owner_id: gifts.awaiting_note(lines, locale=actor.locale)
        for owner_id, lines in by_owner.items()
    }
