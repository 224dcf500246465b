"""Masking of the amounts of donors for users who may not see amounts."""

from app.accounts import Actor
from app.kit.amount_masking import without_amounts
from app.kit.money import Money


def amount(actor: Actor, minor: int, currency: str) -> Money:
    """Return an amount, or zero if the actor may not see amounts."""
    return Money(minor if actor.sees_amounts else 0, currency)


def amount_or_none(actor: Actor, minor: int | None, currency: str) -> Money | None:
    """Return an amount, or None if there is none or the actor may not see amounts."""
    return Money(minor, currency) if minor is not None and actor.sees_amounts else None


def free_text(actor: Actor, text: str | None) -> str | None:
    """Return free text, with amounts removed for actors who may not see them."""
    return text if text is None or actor.sees_amounts else without_amounts(text)
