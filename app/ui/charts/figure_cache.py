"""Pictures that need not be drawn again: the same values are the same picture."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import plotly.graph_objects as go

P = ParamSpec("P")
# some 60 kB each, for all who look at this process's screens
PICTURES = 128


def once(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Keep the pictures drawn last by a function that depends on its arguments alone.

    Drawing costs more than all that a screen asks of the database, and a screen is drawn at every
    click on it. What is returned is shared: nobody may change it.
    """

    @lru_cache(PICTURES)
    def kept(values: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> go.Figure:
        return _Drawn(draw(*values, **dict(named)))

    @wraps(draw)
    def drawn(*values: P.args, **named: P.kwargs) -> go.Figure:
        return kept(_frozen(values), tuple((name, _frozen(one)) for name, one in named.items()))

    return drawn


class _Drawn(go.Figure):  # type: ignore[misc]  # plotly says nothing of its types
    """A picture nobody changes: the framework's copy of all of it at each drawing is made once."""

    _copy: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what is sent to the browser."""
        if self._copy is None:
            self._copy = super().to_dict()
        return self._copy


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
