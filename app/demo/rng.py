"""Random number generator that is deterministic for a seed."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class RandomChoices:
    """Random choices from a seeded generator, so that a seed always gives the same data."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def pick(self, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Return one of the things, by weight if weights are given."""
        if weights is None:
            return items[self.between(0, len(items) - 1)]
        share = np.cumsum(weights) / sum(weights)
        return items[int(np.searchsorted(share, self._rng.random(), side="right"))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both inclusive."""
        return int(self._rng.integers(low, high + 1))

    def happens(self, share: float) -> bool:
        """Return True with probability `share`."""
        return bool(self._rng.random() < share)

    def sample(self, items: Sequence[T], number: int) -> list[T]:
        """Return `number` different things, or all of them if there are fewer."""
        order = self._rng.permutation(len(items))[:number]
        return [items[int(index)] for index in order]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return all the things in random order."""
        return self.sample(items, len(items))
