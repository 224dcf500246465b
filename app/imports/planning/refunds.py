"""Match refunds with the gifts they reverse: pure functions, so that tests cover every case."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Refund:
    """A negative row: its amount (positive minor units), and the gift it names, if any."""

    row: int
    who: str
    minor: int
    currency: str
    on: date
    names_ext: str | None = None
    names_id: int | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A gift that can be reversed: stored (`gift_id`) or in the same file (`gift_row`)."""

    gift_id: int | None
    gift_row: int | None
    who: str
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
    gifts = sorted(originals, key=lambda each: (each.on, each.gift_id or 0, each.gift_row or 0))
    left = {index: gift.open for index, gift in enumerate(gifts)}
    found: list[RefundMatch] = []
    lost: list[int] = []
    for refund in sorted(refunds, key=lambda each: (each.on, each.row)):
        index = _choose(refund, gifts, left)
        if index is None:
            lost.append(refund.row)
            continue
        left[index] -= refund.minor
        found.append(RefundMatch(refund.row, gifts[index].gift_id, gifts[index].gift_row))
    return found, lost


def _choose(refund: Refund, gifts: list[Original], left: dict[int, int]) -> int | None:
    named = refund.names_ext is not None or refund.names_id is not None
    for index in range(len(gifts) - 1, -1, -1):
        gift = gifts[index]
        if (gift.who, gift.currency) != (refund.who, refund.currency):
            continue
        if left[index] < refund.minor:
            continue
        if named:
            if gift.ext_id == refund.names_ext or (gift.gift_id or -1) == refund.names_id:
                return index
        elif gift.minor == refund.minor and gift.on <= refund.on:
            return index
    return None
