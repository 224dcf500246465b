"""Split gifts: storing their parts, and the parts of a reversal."""

from collections.abc import Sequence

from app.db import Session
from app.gifts import rules
from app.gifts.queries import write as write_queries
from app.gifts.results import Part


def add(db: Session, gift_id: int, donor_id: int, base: int, splits: Sequence[Part]) -> None:
    """Save the parts of a gift, each with its share of the base amount (minor units)."""
    if not splits:
        return
    shares = rules.share_out(base, [part.amount.minor for part in splits])
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


def reverse(
    db: Session, gift_id: int, reversal_id: int, donor_id: int, minor: int, base: int
) -> None:
    """Reverse each part in proportion; parts whose share rounds to 0 are left out."""
    parts = write_queries.parts(db, gift_id)
    if not parts:
        return
    weights = [part.amount_minor for part in parts]
    shares = zip(
        parts, rules.share_out(minor, weights), rules.share_out(base, weights), strict=True
    )
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
            for part, share, base_share in shares
            if share
        ],
    )
