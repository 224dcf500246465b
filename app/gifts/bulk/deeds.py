"""What is done to many gifts at once, which gifts it leaves aside, and the sentences about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from app.kit.formatting import DEFAULT, count, number

MOST_AT_ONCE = 5_000
# why a gift is left aside: about one, about several
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "others": ("is not yours to change", "are not yours to change"),
        "reversal": ("is a reversal", "are reversals"),
        "thanked": ("was thanked for before", "were thanked for before"),
        "same fund": ("has this fund already", "have this fund already"),
        "no fund": ("has no fund already", "have no fund already"),
        "taken back": ("was taken back", "were taken back"),
        "split": ("is split over funds", "are split over funds"),
        "receipt": ("has a numbered receipt", "have numbered receipts"),
        "changed": ("was changed since", "were changed since"),
    }
)


@dataclass(frozen=True, slots=True)
class Thanks:
    """Mark gifts as thanked; `how` is one of THANKED_HOW, or None."""

    how: str | None = None

    @property
    def done(self) -> str:
        """Return what was done, without which gifts."""
        return "Thanked for"


@dataclass(frozen=True, slots=True)
class FundChange:
    """Give gifts another fund; None: no fund."""

    fund_id: int | None

    @property
    def done(self) -> str:
        """Return what was done, without which gifts."""
        return "Changed the fund of"


Deed = Thanks | FundChange


@dataclass(frozen=True, slots=True)
class Outcome:
    """The gifts that a change is for or was made to, and how many are left aside, by reason."""

    deed: Deed
    changed: tuple[int, ...]
    left: Mapping[str, int]
    # of a change that was made: when, and the fund that each gift had before
    at: datetime | None = None
    funds: Mapping[int, int | None] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """Return how many gifts were asked for."""
        return len(self.changed) + sum(self.left.values())

    def preview(self, locale: str = DEFAULT) -> str:
        """Return what will change: "12 of 14 gifts will change: 2 are split over funds."."""
        return f"{self._share(locale)} will change{self._rest(locale)}."

    def sentence(self, locale: str = DEFAULT) -> str:
        """Return what has changed: "Thanked for 12 of 14 gifts: 2 are reversals."."""
        return f"{self.deed.done} {self._share(locale)}{self._rest(locale)}."

    def undone(self, locale: str = DEFAULT) -> str:
        """Return what an undo has changed: "Undone for 12 gifts."."""
        return f"Undone for {self._share(locale)}{self._rest(locale)}."

    def _share(self, locale: str) -> str:
        gifts = count(self.asked, "gift", locale=locale)
        changed = number(len(self.changed), locale=locale)
        return f"{changed} of {gifts}" if self.left else gifts

    def _rest(self, locale: str) -> str:
        parts = [
            f"{number(self.left[reason], locale=locale)} {texts[self.left[reason] != 1]}"
            for reason, texts in REASONS.items()
            if self.left.get(reason)
        ]
        return f": {', '.join(parts)}" if parts else ""
