"""Chance that falls the same way for the same seed."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """Dice of our own, so that two runs with one seed tell the same story."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def pick(self, things: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Return one of the things, weighted when weights are given."""
        if weights is None:
            return things[self.between(0, len(things) - 1)]
        share = np.cumsum(weights) / sum(weights)
        return things[int(np.searchsorted(share, self._rng.random(), side="right"))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both possible."""
        return int(self._rng.integers(low, high + 1))

    def happens(self, share: float) -> bool:
        """Whether something that happens in `share` of the cases happens now."""
        return bool(self._rng.random() < share)

    def some(self, things: Sequence[T], number: int) -> list[T]:
        """Return so many different things (all of them when there are fewer)."""
        order = self._rng.permutation(len(things))[:number]
        return [things[int(place)] for place in order]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return all the things in another order."""
        return self.some(things, len(things))
