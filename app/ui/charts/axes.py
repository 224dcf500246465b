"""Common layout of all charts: fonts, margins, grid, and axes of amounts."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from app.kit.money import Money, exponent
from app.ui.base import formats
from app.ui.base.formats import money_short
from app.ui.base.theme import FONT, Palette

TICKS = 5
# the margin for labels such as "$2.5k", and what a letter of a longer one needs, in pixels
LEFT, LETTER = 44, 8
_STEPS = (1, 2, 2.5, 5, 10)


def empty_figure(
    colours: Palette, height: int, *, left: int = LEFT, right: int = 8, top: int = 34
) -> go.Figure:
    """Return an empty figure: transparent, no box, thin horizontal grid, legend at top right."""
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": left, "r": right, "t": top, "b": 34},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": colours.ink},
            # of the numbers that Plotly writes itself
            "separators": formats.separators(),
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": colours.paper,
                "bordercolor": colours.grid,
                "font": {"family": FONT, "size": 12, "color": colours.ink},
            },
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1,
                "yanchor": "bottom",
                "traceorder": "normal",
                "itemclick": False,
                "itemdoubleclick": False,
            },
            "clickmode": "event+select",
            "dragmode": False,
            "xaxis": {"fixedrange": True, "showgrid": False, "linecolor": colours.grid},
            "yaxis": {"fixedrange": True, "gridcolor": colours.grid, "zeroline": False},
        }
    )


def amounts_axis(figure: go.Figure, amounts: Sequence[Money]) -> None:
    """Set the ticks of the y axis to a few round amounts such as "$2k", including zero."""
    ticks, labels, top = amount_labels(amounts)
    figure.update_layout(margin={"l": max(LEFT, LETTER * max(map(len, labels)))})
    figure.update_yaxes(tickvals=ticks, ticktext=labels, range=[ticks[0], top])


def amount_labels(amounts: Sequence[Money]) -> tuple[list[float], list[str], float]:
    """Return a few round ticks including zero, their labels, and the upper end of the axis."""
    currency = next((amount.currency for amount in amounts), "USD")
    values = [float(amount.amount) for amount in amounts] or [0.0]
    ticks = round_ticks(min(values), max(values))
    unit = 10 ** exponent(currency)
    labels = [money_short(Money(round(tick * unit), currency)) for tick in ticks]
    return ticks, labels, max(ticks[-1], max(values) * 1.04)


def round_ticks(low: float, high: float) -> list[float]:
    """Return at most six round ticks from at most `low` and 0 up to near or above `high`."""
    low, high = min(0.0, low), max(0.0, high)
    spread = high - low
    if spread <= 0:
        return [0.0, 1.0]
    rough = spread / TICKS
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in _STEPS if size * factor >= rough * 0.999)
    first, last = math.floor(low / step), math.floor(high / step + 1e-9)
    return [round(number * step, 6) for number in range(first, max(last, first + 1) + 1)]


def range_with_labels(levels: Sequence[float]) -> list[float]:
    """Return an axis range that includes zero and space for labels above and below the bars."""
    low, high = min(0.0, *levels), max(0.0, *levels)
    spread = high - low or 1.0
    return [low - (0.12 * spread if low < 0 else 0), high + 0.14 * spread]
