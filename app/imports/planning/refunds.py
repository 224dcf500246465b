"""Match refunds with the gifts they reverse: pure functions, so that tests cover every case."""

from bisect import bisect_right
from collections import defaultdict
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

    @property
    def names_gift(self) -> bool:
        """Return whether the row says which gift it reverses."""
        return self.original_ext_id is not None or self.original_id is not None


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
    open_gifts = _OpenGifts(originals)
    matches: list[RefundMatch] = []
    unmatched: list[int] = []
    for refund in sorted(refunds, key=lambda refund: (refund.on, refund.row)):
        gift = open_gifts.take(refund)
        if gift is None:
            unmatched.append(refund.row)
        else:
            matches.append(RefundMatch(refund.row, gift.gift_id, gift.gift_row))
    return matches, unmatched


class _OpenGifts:
    """Gifts with what is left of each, indexed by donor, currency and external id, id or amount.

    A file may reverse tens of thousands of gifts, all of one donor if need be.
    """

    def __init__(self, originals: Iterable[Original]) -> None:
        self._gifts = sorted(
            originals, key=lambda gift: (gift.on, gift.gift_id or 0, gift.gift_row or 0)
        )
        self._left = [gift.open for gift in self._gifts]
        self._by: dict[tuple[str, str, str, str | int], list[int]] = defaultdict(list)
        for index, gift in enumerate(self._gifts):
            for name, value in (
                ("external id", gift.ext_id),
                ("id", gift.gift_id),
                ("amount", gift.minor),
            ):
                if value is not None:
                    self._by[gift.donor_key, gift.currency, name, value].append(index)

    def take(self, refund: Refund) -> Original | None:
        """Return the gift of a refund, which has less left from now on, or None."""
        index = self._named(refund) if refund.names_gift else self._latest_of_amount(refund)
        if index is None:
            return None
        self._left[index] -= refund.minor
        return self._gifts[index]

    def _named(self, refund: Refund) -> int | None:
        named = [
            index
            for name, value in (
                ("external id", refund.original_ext_id),
                ("id", refund.original_id),
            )
            if value is not None
            for index in self._by.get((refund.donor_key, refund.currency, name, value), ())
        ]
        return max((index for index in named if self._left[index] >= refund.minor), default=None)

    def _latest_of_amount(self, refund: Refund) -> int | None:
        indexes = self._by.get((refund.donor_key, refund.currency, "amount", refund.minor), [])
        position = bisect_right(indexes, refund.on, key=lambda index: self._gifts[index].on)
        while position:
            position -= 1
            index = indexes[position]
            if self._left[index] >= refund.minor:
                return index
            # partly reversed: never again a gift of this amount
            del indexes[position]
        return None
