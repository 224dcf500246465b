"""Masking of the amounts of pledges for users who may not see amounts."""

from dataclasses import replace

from app.accounts import Actor
from app.kit import formatting
from app.kit.amount_masking import HIDDEN, without_amounts, zero_of
from app.kit.money import Money
from app.pledges.results import LatePledge, PledgeLine


def line_for(actor: Actor, line: PledgeLine) -> PledgeLine:
    """Return a pledge's line, without amounts if the actor may not see them."""
    if actor.sees_amounts:
        return line
    masked = zero_of(line.amount)
    return replace(
        line,
        amount=masked,
        total=None,
        behind=masked,
        credit=masked,
        received=masked,
        expected=masked,
        note=without_amounts(line.note or "") or None,
    )


def late_for(actor: Actor, pledge: LatePledge) -> LatePledge:
    """Return a late pledge, without amounts if the actor may not see them."""
    masked = zero_of(pledge.amount)
    return pledge if actor.sees_amounts else replace(pledge, amount=masked, behind=masked)


def amount_text(actor: Actor, amount: Money) -> str:
    """Return the formatted amount, or a placeholder if the actor may not see it."""
    return formatting.money(amount, locale=actor.locale) if actor.sees_amounts else HIDDEN
