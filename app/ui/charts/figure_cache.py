"""Cache for Plotly figures, keyed by the arguments of the drawing function and the locale."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import plotly.graph_objects as go

from app.ui.base.formats import locale

P = ParamSpec("P")
# about 60 kB each, shared by all sessions of this process
MAX_FIGURES = 128


def cached_figure(draw: Callable[P, go.Figure]) -> Callable[P, go.Figure]:
    """Cache the most recently used figures of a function.

    A figure depends only on the arguments and on the locale in which its amounts are written.
    Drawing costs more than all database queries of a screen, and a screen is drawn again at every
    click. The returned figure is shared and must not be modified.
    """

    @lru_cache(MAX_FIGURES)
    def draw_cached(
        _locale: str, values: tuple[Any, ...], keywords: tuple[tuple[str, Any], ...]
    ) -> go.Figure:
        return _CachedFigure(draw(*values, **dict(keywords)))

    @wraps(draw)
    def draw_or_reuse(*values: P.args, **keywords: P.kwargs) -> go.Figure:
        return draw_cached(
            locale(),
            _hashable(values),
            tuple((name, _hashable(value)) for name, value in keywords.items()),
        )

    return draw_or_reuse


class _CachedFigure(go.Figure):  # type: ignore[misc]  # plotly has no type hints
    """An immutable figure: the copy that Streamlit makes at each drawing is made only once."""

    _copy: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as a dict for the browser, computed once."""
        if self._copy is None:
            self._copy = super().to_dict()
        return self._copy


def _hashable(value: object) -> object:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
