"""Gifts: recording, correcting, reversing and thanking, and their lists and sums."""

from app.gifts.linking import MOST_OFFERED, link, link_all, refuse, suggestions, unlink
from app.gifts.read_model import (
    filtered_ids,
    freshness,
    funds,
    get,
    lines,
    page,
    received,
    recent,
    thank_queue,
)
from app.gifts.results import (
    Cursor,
    Freshness,
    FundName,
    GiftFilter,
    GiftLine,
    GiftPage,
    Part,
    RecordedGift,
    Suggestion,
    ThankYou,
)
from app.gifts.reversal import reverse
from app.gifts.service import correct, record
from app.gifts.thanking import thank, unthank
from app.kit.payment_methods import METHODS, THANKED_HOW

__all__ = [
    "METHODS",
    "MOST_OFFERED",
    "THANKED_HOW",
    "Cursor",
    "Freshness",
    "FundName",
    "GiftFilter",
    "GiftLine",
    "GiftPage",
    "Part",
    "RecordedGift",
    "Suggestion",
    "ThankYou",
    "correct",
    "filtered_ids",
    "freshness",
    "funds",
    "get",
    "lines",
    "link",
    "link_all",
    "page",
    "received",
    "recent",
    "record",
    "refuse",
    "reverse",
    "suggestions",
    "thank",
    "thank_queue",
    "unlink",
    "unthank",
]
