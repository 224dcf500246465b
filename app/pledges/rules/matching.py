"""The matching rule: which pledge a gift pays, among those in force on its day. Pure functions.

A reading is how well a gift's amount fits a pledge: one instalment, everything open, a few whole
instalments, or near one instalment. The best reading wins if only one pledge has it; between two
pledges the rule does not guess. The bounds are measured in `benchmarks/matching.py`.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

from app.kit.cadence import PERIOD_DAYS, Frequency
from app.pledges.rules.schedule import Pledge, columns

# a gift of 0.4 to 2.5 instalments may pay them: a half, a fee added, or a rounded sum
LEAST, MOST = 0.4, 2.5
# at most six instalments at once, or those of a whole year
SEVERAL, YEAR_DAYS = 6, 366


class Reading(IntEnum):
    """How well a gift fits a pledge, best first."""

    INSTALMENT = 1
    OPEN = 2
    SEVERAL = 3
    NEAR = 4
    NONE = 9


# the reason of a link, as stored with the gift and shown on the screen
REASONS = {
    Reading.INSTALMENT: "instalment",
    Reading.OPEN: "open sum",
    Reading.SEVERAL: "several",
    Reading.NEAR: "near",
}


class Candidate(NamedTuple):
    """An unlinked gift, in minor units; `refused` are pledges a user said it does not pay."""

    gift_id: int
    day: date
    amount: int
    fund_id: int | None = None
    refused: frozenset[int] = frozenset()


class Link(NamedTuple):
    """A gift, the pledge it pays, and the reason."""

    gift_id: int
    pledge_id: int
    reason: str


@dataclass(slots=True)
class RunningPledges:
    """A donor's pledge with what was received for it: (day, minor units), in any order."""

    pledge_id: int
    pledge: Pledge
    fund_id: int | None = None
    received: list[tuple[date, int]] = field(default_factory=list)
    _days: list[date] = field(init=False, default_factory=list)
    _amounts: list[int] = field(init=False, default_factory=list)
    _sums: list[int] = field(init=False, default_factory=list)
    _whole: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Compute once the total of a fixed pledge."""
        pledge = self.pledge
        self._whole = pledge.total
        if pledge.total is None and pledge.frequency == Frequency.ONCE:
            self._whole = pledge.amount
        elif pledge.total is None and pledge.instalments is not None:
            self._whole = sum(columns(pledge, date.max)[1])

    def until(self, day: date) -> None:
        """Compute the schedule up to one period after the last gift's day."""
        reach = timedelta(days=PERIOD_DAYS[Frequency(self.pledge.frequency)])
        self._days, self._amounts = columns(self.pledge, day + reach)
        self._sums = [0, *accumulate(self._amounts)]
        self.received.sort()

    def runs(self, day: date) -> bool:
        """Return whether the pledge is in force on a day: started, not ended, not fully paid."""
        pledge = self.pledge
        if day < pledge.start or (pledge.end is not None and day > pledge.end):
            return False
        if self._whole is not None and self._by(day) >= self._whole:
            return False
        # ended on an unknown day: only a fixed sum can still be open
        unknown = pledge.end is None and pledge.status in {"completed", "cancelled"}
        return not unknown or (pledge.status == "completed" and self._whole is not None)

    def read(self, gift: Candidate) -> Reading:
        """Return how well a gift fits the instalments around its day."""
        near = self._near(gift.day)
        if gift.amount in near:
            return Reading.INSTALMENT
        paid = self._by(gift.day)
        due = self._sums[bisect_right(self._days, gift.day)]
        whole = due if self._whole is None else self._whole
        if gift.amount in {due - paid, whole - paid}:
            return Reading.OPEN
        if any(self._several(gift.amount, one) for one in near):
            return Reading.SEVERAL
        if any(LEAST * one <= gift.amount <= MOST * one for one in near):
            return Reading.NEAR
        return Reading.NONE

    def take(self, gift: Candidate) -> None:
        """Count a gift as received for this pledge."""
        insort(self.received, (gift.day, gift.amount))

    def _by(self, day: date) -> int:
        return sum(amount for on, amount in self.received if on <= day)

    def _near(self, day: date) -> set[int]:
        """Return the amounts of the instalments before, on and after a day, except waived ones."""
        after = bisect_left(self._days, day)
        return {one for one in self._amounts[max(0, after - 1) : after + 2] if one}

    def _several(self, amount: int, instalment: int) -> bool:
        times, rest = divmod(amount, instalment)
        covered = times * PERIOD_DAYS[Frequency(self.pledge.frequency)]
        a_year = covered + PERIOD_DAYS[Frequency(self.pledge.frequency)] > YEAR_DAYS
        return rest == 0 and covered <= YEAR_DAYS and (1 < times <= SEVERAL or a_year)


def links(pledges: Sequence[RunningPledges], gifts: Iterable[Candidate]) -> Iterator[Link]:
    """Yield links for one donor's gifts of one currency, by day, where unambiguous.

    A linked gift counts as received for the gifts that follow, so that many gifts at once are
    linked as they would be one after another.
    """
    ordered = sorted(gifts, key=lambda one: (one.day, one.gift_id))
    if not ordered:
        return
    for one in pledges:
        one.until(ordered[-1].day)
    for gift in ordered:
        found = best(pledges, gift)
        if found is not None:
            mine, reading = found
            mine.take(gift)
            yield Link(gift.gift_id, mine.pledge_id, REASONS[reading])


def best(
    pledges: Sequence[RunningPledges], gift: Candidate
) -> tuple[RunningPledges, Reading] | None:
    """Return the one pledge a gift clearly pays, or None: no reading, or a tie."""
    running = possible(pledges, gift)
    read = sorted(((_rank(one, gift), place) for place, one in enumerate(running)))
    if not read or read[0][0][0] == Reading.NONE:
        return None
    if len(read) > 1 and (read[0][0] == read[1][0] or read[0][0][0] == Reading.NEAR):
        return None
    return running[read[0][1]], Reading(read[0][0][0])


def possible(pledges: Sequence[RunningPledges], gift: Candidate) -> list[RunningPledges]:
    """Return the pledges in force on the gift's day, of the same fund if both have one."""
    return [
        one
        for one in pledges
        if one.pledge_id not in gift.refused
        and one.runs(gift.day)
        and (gift.fund_id is None or one.fund_id is None or gift.fund_id == one.fund_id)
    ]


def _rank(one: RunningPledges, gift: Candidate) -> tuple[Reading, bool]:
    """Return a pledge's sort key: how well the amount fits, then whether the fund is equal."""
    return one.read(gift), gift.fund_id is None or one.fund_id != gift.fund_id
