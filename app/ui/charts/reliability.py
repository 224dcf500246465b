"""Calibration chart of the alerts: predicted against actual outcomes."""

from collections.abc import Sequence

import plotly.graph_objects as go

from app.donors.at_risk.backtest import Band
from app.ui.base.formats import count, percent
from app.ui.base.theme import Palette
from app.ui.charts.axes import empty_figure

HEIGHT = 360
SMALLEST, LARGEST = 8, 22
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def calibration(bands: Sequence[Band], colours: Palette) -> go.Figure:
    """Draw each band of verdicts as a dot: x is the predicted share, y the actual share."""
    figure = empty_figure(colours, HEIGHT, left=64)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        name="Exactly right",
        mode="lines",
        hoverinfo="skip",
        line={"color": colours.slate, "width": 1, "dash": "dot"},
    )
    most = max((band.verdicts for band in bands), default=1)
    figure.add_scatter(
        x=[band.said for band in bands],
        y=[band.came for band in bands],
        name="These alerts",
        mode="lines+markers",
        line={"color": colours.teal, "width": 2},
        marker={
            "color": colours.teal,
            "line": {"width": 0},
            "opacity": 1,
            "size": [
                SMALLEST + (LARGEST - SMALLEST) * (band.verdicts / most) ** 0.5 for band in bands
            ],
        },
        hovertemplate=[f"{_band_text(band)}<extra></extra>" for band in bands],
    )
    figure.update_layout(hovermode="closest")
    ticks = {"tickvals": TICKS, "ticktext": [percent(tick) for tick in TICKS]}
    size = {"font": {"size": 12}}
    figure.update_xaxes(
        range=[-0.03, 1.03],
        zeroline=False,
        title=size | {"text": "Predicted chance of no gift"},
        **ticks,
    )
    figure.update_yaxes(range=[-0.05, 1.07], title=size | {"text": "Came true"}, **ticks)
    return figure


def description(bands: Sequence[Band]) -> str:
    """Return a sentence that describes the chart, for screen readers."""
    worst = max(bands, key=lambda band: abs(band.said - band.came))
    furthest = _band_text(worst)
    return f"Predicted against actual, over {len(bands)} bands; furthest apart: {furthest}."


def _band_text(band: Band) -> str:
    verdicts = count(band.verdicts, "verdict")
    return f"{verdicts}: said {percent(band.said)}, came true {percent(band.came)}"
