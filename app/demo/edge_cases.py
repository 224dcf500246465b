"""Rare cases in the demo data: reversals, gifts split over two funds, soft credits."""

from datetime import date, timedelta
from typing import Any

from app.db import Session
from app.db.models import Gift, GiftLine, SoftCredit
from app.demo import queries, team_activity
from app.demo.people import CURRENCY
from app.demo.rng import RandomChoices

REVERSALS, SPLITS, CREDITS = 5, 9, 8
BOUNCED = ("Cheque returned unpaid", "Card payment disputed", "Paid twice by mistake, sent back")


def add_edge_cases(
    db: Session,
    chance: RandomChoices,
    gifts: list[tuple[int, dict[str, Any]]],
    *,
    funds: dict[str, int],
    today: date,
) -> None:
    """Reverse a few gifts, split some over two funds, and add soft credits to some."""
    plain = [
        gift
        for gift in gifts
        if gift[1]["pledge_id"] is None and gift[1]["gift_date"] < today - timedelta(days=30)
    ]
    picked = chance.sample(plain, REVERSALS + SPLITS + CREDITS)
    queries.add(db, Gift, [_reversal(chance, key, row) for key, row in picked[:REVERSALS]])
    for key, row in picked[REVERSALS : REVERSALS + SPLITS]:
        _split_over_funds(db, key, row, funds)
    donors = sorted({row["donor_id"] for _, row in gifts})
    queries.add(
        db,
        SoftCredit,
        [
            {
                "gift_id": key,
                "donor_id": _other_donor(chance, donors, row),
                "type": kind,
                "amount_minor": row["amount_minor"],
            }
            for (key, row), kind in zip(
                picked[REVERSALS + SPLITS :],
                ("solicitor", "tribute", "spouse", "employer match") * 2,
                strict=True,
            )
        ],
    )


def _other_donor(chance: RandomChoices, donors: list[int], row: dict[str, Any]) -> int:
    return chance.pick([donor_id for donor_id in donors if donor_id != row["donor_id"]])


def _reversal(chance: RandomChoices, key: int, row: dict[str, Any]) -> dict[str, Any]:
    day = row["gift_date"] + timedelta(days=chance.between(4, 14))
    return {
        "donor_id": row["donor_id"],
        "kind": "reversal",
        "amount_minor": -row["amount_minor"],
        "base_minor": -row["base_minor"],
        "currency": CURRENCY,
        "gift_date": day,
        "method": row["method"],
        "fund_id": row["fund_id"],
        "campaign_id": row["campaign_id"],
        "reverses_id": key,
        "note": chance.pick(BOUNCED),
        "created_at": team_activity.utc_time(day, 5),
    }


def _split_over_funds(db: Session, key: int, row: dict[str, Any], funds: dict[str, int]) -> None:
    first, second = funds["General"], funds["School meals"]
    part = row["amount_minor"] * 3 // 5
    queries.add(
        db,
        GiftLine,
        [
            {
                "gift_id": key,
                "donor_id": row["donor_id"],
                "amount_minor": minor,
                "base_minor": minor,
                "fund_id": fund_id,
                "campaign_id": row["campaign_id"],
            }
            for fund_id, minor in ((first, part), (second, row["amount_minor"] - part))
        ],
    )
    queries.release_purposes(db, key)
