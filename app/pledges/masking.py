"""Masking of the amounts of pledges for users who may not see amounts."""

from dataclasses import replace

from app.accounts import Actor
from app.kit import formatting
from app.kit.amount_masking import HIDDEN, nothing, without_amounts
from app.kit.money import Money
from app.pledges.results import LatePledge, PledgeLine


def line_for(actor: Actor, line: PledgeLine) -> PledgeLine:
    """Return a pledge's line, without amounts if the actor may not see them."""
    if actor.sees_amounts:
        return line
    none = nothing(line.amount)
    return replace(
        line,
        amount=none,
        total=None,
        behind=none,
        credit=none,
        received=none,
        expected=none,
        note=without_amounts(line.note or "") or None,
    )


def late_for(actor: Actor, one: LatePledge) -> LatePledge:
    """Return a late pledge, without amounts if the actor may not see them."""
    none = nothing(one.amount)
    return one if actor.sees_amounts else replace(one, amount=none, behind=none)


def amount_text(actor: Actor, amount: Money) -> str:
    """Return the formatted amount, or a placeholder if the actor may not see it."""
    return formatting.money(amount, locale=actor.locale) if actor.sees_amounts else HIDDEN
