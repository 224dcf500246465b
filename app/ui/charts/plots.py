"""All charts of the app: Plotly figures in the theme's colours and the app's font.

The drawing functions take a palette and return a figure; `show` draws it on the screen with a
sentence for screen readers and returns the clicked point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from app.kit.money import Money
from app.ui.base.formats import join_names, money, month
from app.ui.base.theme import Palette
from app.ui.charts.axes import amounts_axis, empty_figure
from app.ui.charts.figure_cache import cached_figure
from app.ui.charts.goal_line import HALF_A_MONTH, add_goals, label_space

HEIGHT = 340
_NO_EXTRA_BOX = "<extra></extra>"


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month's income (pledged and one-time), that month last year, what was promised, goal."""

    month: date
    pledged: Money
    one_time: Money
    last_year: Money | None = None
    promised: Money | None = None
    goal: Money | None = None
    # late instalments of the month that are still open
    missed: int = 0

    @property
    def total(self) -> Money:
        """Return the sum of pledged and one-time income."""
        return self.pledged + self.one_time


@cached_figure
def giving_by_month(months: Sequence[MonthBar], colours: Palette) -> go.Figure:
    """Draw pledged and one-time income by month, with last year (dotted) and each month's goal."""
    goals = [(bar.month, bar.goal) for bar in months]
    figure = empty_figure(colours, HEIGHT, right=label_space(goals))
    _add_month_bars(figure, months, "Pledged", [bar.pledged for bar in months], colours.teal)
    _add_month_bars(figure, months, "One-time", [bar.one_time for bar in months], colours.amber)
    last_year = [bar.last_year for bar in months]
    if any(amount is not None and amount.minor for amount in last_year):
        _add_month_line(figure, months, "Last year", last_year, colours.slate, dash="dot")
    figure.update_layout(barmode="relative", bargap=0.35)
    tops = [bar.total for bar in months] + [amount for amount in last_year if amount is not None]
    amounts_axis(figure, tops + add_goals(figure, goals, colours))
    _set_month_axis(figure, months)
    return figure


@cached_figure
def cumulative(
    this_year: Sequence[tuple[date, Money]],
    last_year: Sequence[tuple[date, Money]],
    expected: Sequence[tuple[date, Money]],
    colours: Palette,
) -> go.Figure:
    """Draw the year's running sum, last year's (dotted), and the expected pledges (dashed).

    The points of `last_year` have dates of this year, so that the lines share one axis.
    """
    figure = empty_figure(colours, 300)
    for name, points, colour, dash, width in (
        ("Last year", last_year, colours.slate, "dot", 2),
        ("Expected", expected, colours.amber, "dash", 2),
        ("Given", this_year, colours.teal, "solid", 3),
    ):
        if points:
            figure.add_scatter(
                x=[day for day, _ in points],
                y=[float(amount.amount) for _, amount in points],
                name=name,
                mode="lines",
                line={"color": colour, "width": width, "dash": dash},
                hovertemplate=_hover_texts(
                    f"{money(amount)} {name.lower()}" for _, amount in points
                ),
            )
    amounts_axis(
        figure, [amount for points in (this_year, last_year, expected) for _, amount in points]
    )
    figure.update_xaxes(showgrid=False, tickformat="%b", dtick="M2", hoverformat="%B")
    return figure


def show(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    clickable: bool = False,
) -> object:
    """Draw the figure; return the x of the clicked point (a date for months), or None."""
    event: Any = st.plotly_chart(
        figure,
        key=key,
        theme=None,
        height="stretch",
        config={"displayModeBar": False, "scrollZoom": False},
        on_select="rerun" if clickable else "ignore",
        selection_mode="points",
        alt=alt,
    )
    points = event.selection.points if clickable else []
    return points[0].get("x") if points else None


def clicked_month(value: object) -> date | None:
    """Return the first day of the month that `show` returned for a chart of months."""
    return None if value is None else date.fromisoformat(str(value)[:10]).replace(day=1)


def _add_month_bars(
    figure: go.Figure, bars: Sequence[MonthBar], name: str, amounts: list[Money], colour: str
) -> None:
    figure.add_bar(
        x=[bar.month for bar in bars],
        y=[float(amount.amount) for amount in amounts],
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        unselected={"marker": {"opacity": 0.45}},
        hovertemplate=_hover_texts(f"{money(amount)} {name.lower()}" for amount in amounts),
    )


def _add_month_line(
    figure: go.Figure,
    bars: Sequence[MonthBar],
    name: str,
    amounts: Sequence[Money | None],
    colour: str,
    *,
    dash: str = "solid",
) -> None:
    figure.add_scatter(
        x=[bar.month for bar in bars],
        y=[None if amount is None else float(amount.amount) for amount in amounts],
        name=name,
        # without markers a line intercepts clicks on the bar below it; these are invisible
        mode="lines+markers",
        marker={"size": 1, "opacity": 0},
        line={"color": colour, "width": 2, "dash": dash},
        hovertemplate=_hover_texts(
            "" if amount is None else f"{money(amount)} {name.lower()}" for amount in amounts
        ),
    )


def _hover_texts(sentences: Iterable[str]) -> list[str]:
    """Return the complete hover text of each point: a redraw on hover shows raw placeholders."""
    return [sentence + _NO_EXTRA_BOX for sentence in sentences]


def _set_month_axis(figure: go.Figure, months: Sequence[MonthBar]) -> None:
    if months:
        # the automatic range would add space for the invisible markers of the line
        ends = [months[0].month - HALF_A_MONTH, months[-1].month + HALF_A_MONTH]
        figure.update_xaxes(range=ends)
    # Plotly labels as many months as fit, fewer on a phone
    figure.update_xaxes(
        showgrid=False,
        tickformat="%b\n%Y",
        hoverformat="%B %Y",
        tickangle=0,
        fixedrange=True,
        tickfont={"size": 11},
    )


def months_description(months: Sequence[MonthBar]) -> str:
    """Return a sentence that describes the chart of months, for screen readers."""
    if not months:
        return "No gifts yet."
    best = max(months, key=lambda bar: bar.total.minor)
    last = months[-1]
    text = (
        f"Giving by month from {month(months[0].month)} to {month(last.month)}: most in "
        f"{month(best.month)} with {money(best.total)}, {money(last.total)} in the last month"
    )
    if missed := [month(bar.month) for bar in months if bar.missed]:
        text += f"; missed instalments in {join_names(missed, len(missed))}"
    return f"{text}; the goal is {money(last.goal)} a month." if last.goal else f"{text}."
