"""The matching rule: which pledge a gift pays, among those in force on its day. Pure functions.

The match quality is how well a gift's amount fits a pledge: one instalment, everything open, a few
whole instalments, or near one instalment. The best quality wins if only one pledge has it; between
two pledges the rule does not guess. The bounds are measured in `benchmarks/matching.py`.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

from app.kit.dates.cadence import PERIOD_DAYS, Frequency
from app.pledges.rules.schedule import Pledge, columns

# a gift of 0.4 to 2.5 instalments may pay them: a half, a fee added, or a rounded sum
MIN_FACTOR, MAX_FACTOR = 0.4, 2.5
# at most six instalments at once, or those of a whole year
MAX_INSTALMENTS, YEAR_DAYS = 6, 366


class MatchQuality(IntEnum):
    """How well a gift fits a pledge, best first."""

    INSTALMENT = 1
    OPEN = 2
    SEVERAL = 3
    NEAR = 4
    NONE = 9


# the reason of a link, as stored with the gift and shown on the screen
REASONS = {
    MatchQuality.INSTALMENT: "instalment",
    MatchQuality.OPEN: "open sum",
    MatchQuality.SEVERAL: "several",
    MatchQuality.NEAR: "near",
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
class MatchablePledge:
    """A donor's pledge with what was received for it: (day, minor units), in any order."""

    pledge_id: int
    pledge: Pledge
    fund_id: int | None = None
    received: list[tuple[date, int]] = field(default_factory=list)
    _days: list[date] = field(init=False, default_factory=list)
    _amounts: list[int] = field(init=False, default_factory=list)
    _sums: list[int] = field(init=False, default_factory=list)
    _total: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Compute once the total of a fixed pledge."""
        pledge = self.pledge
        self._total = pledge.total
        if pledge.total is None and pledge.frequency == Frequency.ONCE:
            self._total = pledge.amount
        elif pledge.total is None and pledge.instalments is not None:
            self._total = sum(columns(pledge, date.max)[1])

    def extend_schedule(self, day: date) -> None:
        """Compute the schedule up to one period after the last gift's day."""
        reach = timedelta(days=PERIOD_DAYS[Frequency(self.pledge.frequency)])
        self._days, self._amounts = columns(self.pledge, day + reach)
        self._sums = [0, *accumulate(self._amounts)]
        self.received.sort()

    def in_force_on(self, day: date) -> bool:
        """Return whether the pledge is in force on a day: started, not ended, not fully paid."""
        pledge = self.pledge
        if day < pledge.start or (pledge.end is not None and day > pledge.end):
            return False
        if self._total is not None and self._received_by(day) >= self._total:
            return False
        # ended on an unknown day: only a fixed sum can still be open
        unknown = pledge.end is None and pledge.status in {"completed", "cancelled"}
        return not unknown or (pledge.status == "completed" and self._total is not None)

    def match_quality(self, gift: Candidate) -> MatchQuality:
        """Return how well a gift fits the instalments around its day."""
        near = self._nearby_amounts(gift.day)
        if gift.amount in near:
            return MatchQuality.INSTALMENT
        paid = self._received_by(gift.day)
        due = self._sums[bisect_right(self._days, gift.day)]
        total = due if self._total is None else self._total
        if gift.amount in {due - paid, total - paid}:
            return MatchQuality.OPEN
        if any(self._is_several_instalments(gift.amount, instalment) for instalment in near):
            return MatchQuality.SEVERAL
        if any(
            MIN_FACTOR * instalment <= gift.amount <= MAX_FACTOR * instalment
            for instalment in near
        ):
            return MatchQuality.NEAR
        return MatchQuality.NONE

    def add_gift(self, gift: Candidate) -> None:
        """Count a gift as received for this pledge."""
        insort(self.received, (gift.day, gift.amount))

    def _received_by(self, day: date) -> int:
        return sum(amount for on, amount in self.received if on <= day)

    def _nearby_amounts(self, day: date) -> set[int]:
        """Return the amounts of the instalments before, on and after a day, except waived ones."""
        after = bisect_left(self._days, day)
        return {amount for amount in self._amounts[max(0, after - 1) : after + 2] if amount}

    def _is_several_instalments(self, amount: int, instalment: int) -> bool:
        times, remainder = divmod(amount, instalment)
        covered = times * PERIOD_DAYS[Frequency(self.pledge.frequency)]
        a_year = covered + PERIOD_DAYS[Frequency(self.pledge.frequency)] > YEAR_DAYS
        return remainder == 0 and covered <= YEAR_DAYS and (1 < times <= MAX_INSTALMENTS or a_year)


def find_links(pledges: Sequence[MatchablePledge], gifts: Iterable[Candidate]) -> Iterator[Link]:
    """Yield links for one donor's gifts of one currency, by day, where unambiguous.

    A linked gift counts as received for the gifts that follow, so that many gifts at once are
    linked as they would be one after another.
    """
    ordered = sorted(gifts, key=lambda gift: (gift.day, gift.gift_id))
    if not ordered:
        return
    for running in pledges:
        running.extend_schedule(ordered[-1].day)
    for gift in ordered:
        match = best_match(pledges, gift)
        if match is not None:
            pledge, quality = match
            pledge.add_gift(gift)
            yield Link(gift.gift_id, pledge.pledge_id, REASONS[quality])


def best_match(
    pledges: Sequence[MatchablePledge], gift: Candidate
) -> tuple[MatchablePledge, MatchQuality] | None:
    """Return the one pledge a gift clearly pays, or None: no match, or a tie."""
    running = possible_pledges(pledges, gift)
    ranked = sorted(((_rank(pledge, gift), index) for index, pledge in enumerate(running)))
    if not ranked or ranked[0][0][0] == MatchQuality.NONE:
        return None
    if len(ranked) > 1 and (ranked[0][0] == ranked[1][0] or ranked[0][0][0] == MatchQuality.NEAR):
        return None
    return running[ranked[0][1]], MatchQuality(ranked[0][0][0])


def possible_pledges(pledges: Sequence[MatchablePledge], gift: Candidate) -> list[MatchablePledge]:
    """Return the pledges in force on the gift's day, of the same fund if both have one."""
    return [
        pledge
        for pledge in pledges
        if pledge.pledge_id not in gift.refused
        and pledge.in_force_on(gift.day)
        and (gift.fund_id is None or pledge.fund_id is None or gift.fund_id == pledge.fund_id)
    ]


def _rank(pledge: MatchablePledge, gift: Candidate) -> tuple[MatchQuality, bool]:
    """Return a pledge's sort key: how well the amount fits, then whether the fund is equal."""
    return pledge.match_quality(gift), gift.fund_id is None or pledge.fund_id != gift.fund_id
