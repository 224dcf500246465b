"""The monthly goal in a chart of months: a dashed step where it changes, its label at the end."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

import plotly.graph_objects as go

from app.kit.money import Money
from app.ui.base.formats import money_short
from app.ui.base.theme import Palette

# from the middle of a month, around its bar
HALF_A_MONTH = timedelta(days=16)
Goals = Sequence[tuple[date, Money | None]]


def label_space(goals: Goals) -> int:
    """Return the space right of the chart in pixels: room for a label if the last has a goal."""
    last = goals[-1][1] if goals else None
    return max(64, 7 * len(money_short(last)) + 8) if last else 8


def add_goals(figure: go.Figure, goals: Goals, colours: Palette) -> list[Money]:
    """Draw the goal of each month, and return the goals."""
    for goal, run in groupby(goals, key=lambda pair: pair[1]):
        months = [month for month, _ in run]
        if goal is not None:
            figure.add_shape(
                type="line",
                x0=months[0] - HALF_A_MONTH,
                x1=months[-1] + HALF_A_MONTH,
                y0=float(goal.amount),
                y1=float(goal.amount),
                line={"color": colours.ink, "width": 1, "dash": "dash"},
            )
    if goals and (last := goals[-1][1]) is not None:
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            y=float(last.amount),
            text=f"Goal<br>{money_short(last)}",
            showarrow=False,
            align="left",
            font={"size": 11, "color": colours.ink},
            xshift=6,
        )
    return [goal for _, goal in goals if goal is not None]
