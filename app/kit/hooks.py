"""Hooks: a lower package announces a change; higher packages that react to it connect to it.

Pledges and donors cannot import alerts and tasks, which depend on them; yet ending a pledge
resolves its alert in the same transaction. Listeners run in the order they were connected, in the
caller's transaction; an exception in a listener ends it.
"""

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """A list of functions to call at a change."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def connect(self, listener: Callable[P, object]) -> None:
        """Call a function at each change from now on; connecting it twice calls it once."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def send(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call every connected function."""
        for listener in self._listeners:
            listener(*args, **kwargs)
