"""Which gifts belong to a donor's only active pledge. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.kit.cadence import PERIOD_DAYS, Frequency
from app.pledges.rules import Pledge, instalments


class Candidate(NamedTuple):
    """An unlinked gift, in minor units of the pledge's currency."""

    gift_id: int
    day: date
    amount: int


def taken(
    pledge: Pledge, gifts: Sequence[tuple[date, int]], candidates: Iterable[Candidate]
) -> list[int]:
    """Return the gifts the pledge takes when they are entered in the order of their days.

    The amount must equal an instalment's or the sum still open, and the day be within half a
    period of a due date. `gifts` are those the pledge has already, in minor units. The schedule is
    built once, however many gifts there are.
    """
    ordered = sorted(candidates, key=lambda one: (one.day, one.gift_id))
    if not ordered:
        return []
    reach = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)] // 2)
    due = instalments(pledge, ordered[-1].day + reach)
    days = [one.due for one in due]
    expected = [0, *accumulate(one.amount for one in due)]
    received = sorted(gifts)
    sums = [0, *accumulate(amount for _, amount in received)]
    linked_days = [day for day, _ in received]
    mine, extra = [], 0
    for one in ordered:
        near = due[bisect_left(days, one.day - reach) : bisect_right(days, one.day + reach)]
        if not near:
            continue
        came_in = sums[bisect_right(linked_days, one.day)] + extra
        still_open = expected[bisect_right(days, one.day)] - came_in
        if one.amount == still_open or any(one.amount == share.amount for share in near):
            mine.append(one.gift_id)
            extra += one.amount
    return mine
