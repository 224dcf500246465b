"""Split gifts: storing their parts, and the parts of a reversal."""

from collections.abc import Sequence
from dataclasses import replace

from app.db import Session
from app.gifts import rules
from app.gifts.queries import write as write_queries
from app.gifts.results import Part
from app.kit.money import Money


def with_campaign(splits: Sequence[Part], campaign_id: int | None) -> list[Part]:
    """Return the parts of a gift, those without a campaign with the campaign of the gift."""
    return [replace(part, campaign_id=part.campaign_id or campaign_id) for part in splits]


def add(
    db: Session, gift_id: int, donor_id: int, base: Money | None, splits: Sequence[Part]
) -> None:
    """Save the parts of a gift, each with its share of the base amount, if that is known."""
    if not splits:
        return
    shares = rules.share_out(base.minor if base else 0, [part.amount.minor for part in splits])
    write_queries.add_parts(
        db,
        [
            {
                "gift_id": gift_id,
                "donor_id": donor_id,
                "amount_minor": part.amount.minor,
                "base_minor": share,
                "fund_id": part.fund_id,
                "campaign_id": part.campaign_id,
            }
            for part, share in zip(splits, shares, strict=True)
        ],
    )


def replace_parts(
    db: Session, gift_id: int, donor_id: int, base: Money | None, splits: Sequence[Part]
) -> None:
    """Replace the parts of a gift, and their shares of its base amount."""
    write_queries.remove_parts(db, gift_id)
    add(db, gift_id, donor_id, base, splits)


def reverse(
    db: Session, gift_id: int, reversal_id: int, donor_id: int, minor: int, base: int
) -> None:
    """Reverse each part in proportion; parts whose share rounds to 0 are left out."""
    parts = write_queries.parts(db, gift_id)
    if not parts:
        return
    amounts = rules.share_out(minor, [part.amount_minor for part in parts])
    shares = [(part, share) for part, share in zip(parts, amounts, strict=True) if share]
    base_shares = rules.share_out(base, [share for _, share in shares])
    write_queries.add_parts(
        db,
        [
            {
                "gift_id": reversal_id,
                "donor_id": donor_id,
                "amount_minor": -share,
                "base_minor": -base_share,
                "fund_id": part.fund_id,
                "campaign_id": part.campaign_id,
            }
            for (part, share), base_share in zip(shares, base_shares, strict=True)
        ],
    )
