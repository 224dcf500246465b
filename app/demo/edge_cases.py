"""Rare cases in the demo data: reversals, gifts split over two funds, soft credits."""

from datetime import date, timedelta
from typing import Any

from app.db import Session
from app.db.models import Gift, GiftLine, SoftCredit
from app.demo import queries, team_activity
from app.demo.people import CURRENCY
from app.demo.rng import Chance

REVERSALS, SPLITS, CREDITS = 5, 9, 8
BOUNCED = ("Cheque returned unpaid", "Card payment disputed", "Paid twice by mistake, sent back")


def unusual(
    db: Session,
    chance: Chance,
    gifts: list[tuple[int, dict[str, Any]]],
    *,
    funds: dict[str, int],
    today: date,
) -> None:
    """Reverse a few gifts, split some over two funds, and add soft credits to some."""
    plain = [
        one
        for one in gifts
        if one[1]["pledge_id"] is None and one[1]["gift_date"] < today - timedelta(days=30)
    ]
    chosen = chance.some(plain, REVERSALS + SPLITS + CREDITS)
    queries.add(db, Gift, [_reversal(chance, key, row) for key, row in chosen[:REVERSALS]])
    for key, row in chosen[REVERSALS : REVERSALS + SPLITS]:
        _split(db, key, row, funds)
    donors = sorted({row["donor_id"] for _, row in gifts})
    queries.add(
        db,
        SoftCredit,
        [
            {
                "gift_id": key,
                "donor_id": _other(chance, donors, row),
                "type": kind,
                "amount_minor": row["amount_minor"],
            }
            for (key, row), kind in zip(
                chosen[REVERSALS + SPLITS :],
                ("solicitor", "tribute", "spouse", "employer match") * 2,
                strict=True,
            )
        ],
    )


def _other(chance: Chance, donors: list[int], row: dict[str, Any]) -> int:
    return chance.pick([one for one in donors if one != row["donor_id"]])


def _reversal(chance: Chance, key: int, row: dict[str, Any]) -> dict[str, Any]:
    on = row["gift_date"] + timedelta(days=chance.between(4, 14))
    return {
        "donor_id": row["donor_id"],
        "kind": "reversal",
        "amount_minor": -row["amount_minor"],
        "base_minor": -row["base_minor"],
        "currency": CURRENCY,
        "gift_date": on,
        "method": row["method"],
        "fund_id": row["fund_id"],
        "reverses_id": key,
        "note": chance.pick(BOUNCED),
        "created_at": team_activity.at(on, 5),
    }


def _split(db: Session, key: int, row: dict[str, Any], funds: dict[str, int]) -> None:
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
            }
            for fund_id, minor in ((first, part), (second, row["amount_minor"] - part))
        ],
    )
    queries.release_fund(db, key)
