"""Gifts: what came in, what was taken back, who has been thanked."""

from app.gifts.answers import (
    Cursor,
    Freshness,
    FundName,
    GiftFilter,
    GiftLine,
    GiftPage,
    Part,
    RecordedGift,
    ThankYou,
)
from app.gifts.reading import (
    chosen,
    freshness,
    funds,
    get,
    lines,
    page,
    received,
    recent,
    thank_queue,
)
from app.gifts.rules import METHODS, THANKED_HOW
from app.gifts.service import correct, record, reverse, thank, unthank

__all__ = [
    "METHODS",
    "THANKED_HOW",
    "Cursor",
    "Freshness",
    "FundName",
    "GiftFilter",
    "GiftLine",
    "GiftPage",
    "Part",
    "RecordedGift",
    "ThankYou",
    "chosen",
    "correct",
    "freshness",
    "funds",
    "get",
    "lines",
    "page",
    "received",
    "recent",
    "record",
    "reverse",
    "thank",
    "thank_queue",
    "unthank",
]
