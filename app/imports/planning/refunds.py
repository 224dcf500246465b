"""Match refunds with the gifts they reverse: pure functions, so that tests cover every case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Refund:
    """A negative row: its amount (positive minor units), and the gift it names, if any.

    `donor_key` is equal for gifts of the same donor, stored or in the file.
    """

    row: int
    donor_key: str
    minor: int
    currency: str
    on: date
    original_ext_id: str | None = None
    original_id: int | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A gift that can be reversed: stored (`gift_id`) or in the same file (`gift_row`)."""

    gift_id: int | None
    gift_row: int | None
    donor_key: str
    minor: int
    currency: str
    on: date
    ext_id: str | None
    # minor units that earlier refunds have not reversed
    open: int


@dataclass(frozen=True, slots=True)
class RefundMatch:
    """A refund's row and the gift that it reverses."""

    row: int
    gift_id: int | None
    gift_row: int | None


def pair(
    refunds: Iterable[Refund], originals: Iterable[Original]
) -> tuple[list[RefundMatch], list[int]]:
    """Pair each refund with the gift it names, else the donor's latest earlier one of its amount.

    The refunds of a gift never exceed its amount. Returns the pairs and the unmatched rows.
    """
    gifts = sorted(originals, key=lambda gift: (gift.on, gift.gift_id or 0, gift.gift_row or 0))
    unreversed = {index: gift.open for index, gift in enumerate(gifts)}
    matches: list[RefundMatch] = []
    unmatched: list[int] = []
    for refund in sorted(refunds, key=lambda refund: (refund.on, refund.row)):
        index = _find_original(refund, gifts, unreversed)
        if index is None:
            unmatched.append(refund.row)
            continue
        unreversed[index] -= refund.minor
        matches.append(RefundMatch(refund.row, gifts[index].gift_id, gifts[index].gift_row))
    return matches, unmatched


def _find_original(
    refund: Refund, gifts: list[Original], unreversed: dict[int, int]
) -> int | None:
    names_gift = refund.original_ext_id is not None or refund.original_id is not None
    for index in range(len(gifts) - 1, -1, -1):
        gift = gifts[index]
        if (gift.donor_key, gift.currency) != (refund.donor_key, refund.currency):
            continue
        if unreversed[index] < refund.minor:
            continue
        if names_gift:
            if gift.ext_id == refund.original_ext_id or (gift.gift_id or -1) == refund.original_id:
                return index
        elif gift.minor == refund.minor and gift.on <= refund.on:
            return index
    return None
