"""All charts of the app: Plotly figures in the theme's colours and the app's font.

The drawing functions take a palette and return a figure; `show` draws it on the screen with a
sentence for screen readers and returns the clicked point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from app.kit.money import Money
from app.ui.base.formats import money, money_short, month, percent
from app.ui.base.theme import Palette
from app.ui.charts.axes import amounts_axis, frame, room
from app.ui.charts.figure_cache import cached_figure

HEIGHT = 340
_NONE = "<extra></extra>"


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month's income (pledged and one-time), that month last year, and the amount promised."""

    month: date
    pledged: Money
    one_time: Money
    last_year: Money | None = None
    promised: Money | None = None

    @property
    def total(self) -> Money:
        """Return the sum of pledged and one-time income."""
        return self.pledged + self.one_time


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of a waterfall: a total (`whole`) at its start and end, otherwise a change."""

    key: str
    label: str
    amount: Money
    whole: bool = False


@cached_figure
def giving_by_month(
    months: Sequence[MonthBar], colours: Palette, *, goal: Money | None = None
) -> go.Figure:
    """Draw pledged and one-time income by month, with last year (dotted) and the goal."""
    figure = frame(colours, HEIGHT, right=64 if goal else 8)
    _month_bars(figure, months, "Pledged", [one.pledged for one in months], colours.teal)
    _month_bars(figure, months, "One-time", [one.one_time for one in months], colours.amber)
    before = [one.last_year for one in months]
    if any(one is not None and one.minor for one in before):
        _month_line(figure, months, "Last year", before, colours.slate, dash="dot")
    figure.update_layout(barmode="relative", bargap=0.35)
    tops = [one.total for one in months] + [one for one in before if one is not None]
    if goal is not None:
        tops.append(goal)
        _goal(figure, goal, colours)
    amounts_axis(figure, tops)
    _month_axis(figure, months)
    return figure


@cached_figure
def donor_months(months: Sequence[MonthBar], colours: Palette) -> go.Figure:
    """Draw one donor's gifts by month, with the promised amount as a line."""
    figure = frame(colours, 260)
    _month_bars(figure, months, "Pledged", [one.pledged for one in months], colours.teal)
    _month_bars(figure, months, "One-time", [one.one_time for one in months], colours.amber)
    promised = [one.promised for one in months]
    if any(one is not None and one.minor for one in promised):
        _month_line(figure, months, "Promised", promised, colours.indigo, shape="hv")
    figure.update_layout(barmode="relative", bargap=0.35)
    amounts_axis(figure, [one.total for one in months] + [one for one in promised if one])
    _month_axis(figure, months)
    return figure


@cached_figure
def waterfall(steps: Sequence[Step], colours: Palette) -> go.Figure:
    """Draw the changes between two periods' sums as a waterfall; the total bars start at zero."""
    figure = frame(colours, 300, left=4, top=18)
    figure.update_layout(hovermode="closest", showlegend=False)
    figure.add_waterfall(
        x=[one.label for one in steps],
        y=[float(one.amount.amount) for one in steps],
        measure=["absolute" if one.whole else "relative" for one in steps],
        text=[_change(one) for one in steps],
        hovertemplate=_said(f"{one.label}: {money(one.amount)}" for one in steps),
        textposition="outside",
        textfont={"color": colours.ink, "size": 11},
        constraintext="none",
        cliponaxis=False,
        connector={"line": {"color": colours.grid}},
        increasing={"marker": {"color": colours.teal}},
        decreasing={"marker": {"color": colours.amber}},
        totals={"marker": {"color": colours.soft}},
    )
    figure.update_xaxes(showgrid=False, tickangle=0, tickfont={"size": 11})
    figure.update_yaxes(visible=False, range=room(_levels(steps)))
    return figure


@cached_figure
def cumulative(
    given: Sequence[tuple[date, Money]],
    before: Sequence[tuple[date, Money]],
    expected: Sequence[tuple[date, Money]],
    colours: Palette,
) -> go.Figure:
    """Draw the year's running sum, last year's (dotted), and the expected pledges (dashed).

    The points of `before` have dates of this year, so that the lines share one axis.
    """
    figure = frame(colours, 300)
    for name, points, colour, dash, width in (
        ("Last year", before, colours.slate, "dot", 2),
        ("Expected", expected, colours.amber, "dash", 2),
        ("Given", given, colours.teal, "solid", 3),
    ):
        if points:
            figure.add_scatter(
                x=[day for day, _ in points],
                y=[float(one.amount) for _, one in points],
                name=name,
                mode="lines",
                line={"color": colour, "width": width, "dash": dash},
                hovertemplate=_said(f"{money(one)} {name.lower()}" for _, one in points),
            )
    amounts_axis(figure, [one for points in (given, before, expected) for _, one in points])
    figure.update_xaxes(showgrid=False, tickformat="%b", dtick="M2", hoverformat="%B")
    return figure


@cached_figure
def two_parts(pledged: Money, one_time: Money, colours: Palette) -> go.Figure:
    """Draw recurring and one-time income as one bar in two parts."""
    figure = frame(colours, 110, left=8, top=30)
    whole = pledged.minor + one_time.minor
    for name, part, colour in (
        ("Recurring", pledged, colours.teal),
        ("One-time", one_time, colours.amber),
    ):
        share = percent(part.minor / whole) if whole > 0 else ""
        figure.add_bar(
            y=[""],
            x=[float(part.amount)],
            name=name,
            orientation="h",
            marker={"color": colour},
            text=[share],
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": colours.paper},
            hovertemplate=_said([f"{name}: {money(part)}"]),
        )
    figure.update_layout(barmode="stack", bargap=0.2, hovermode="closest")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def show(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    clickable: bool = False,
    height: Literal["stretch", "content"] = "stretch",
) -> Any | None:
    """Draw the figure; return the x of the clicked point (a date for months), or None."""
    state: Any = st.plotly_chart(
        figure,
        key=key,
        theme=None,
        height=height,
        config={"displayModeBar": False, "scrollZoom": False},
        on_select="rerun" if clickable else "ignore",
        selection_mode="points",
        alt=alt,
    )
    points = state.selection.points if clickable else []
    return points[0].get("x") if points else None


def clicked_month(value: Any | None) -> date | None:
    """Return the first day of the month that `show` returned for a chart of months."""
    return None if value is None else date.fromisoformat(str(value)[:10]).replace(day=1)


def _month_bars(
    figure: go.Figure, months: Sequence[MonthBar], name: str, amounts: list[Money], colour: str
) -> None:
    figure.add_bar(
        x=[one.month for one in months],
        y=[float(one.amount) for one in amounts],
        name=name,
        marker={"color": colour, "line": {"width": 0}},
        unselected={"marker": {"opacity": 0.45}},
        hovertemplate=_said(f"{money(one)} {name.lower()}" for one in amounts),
    )


def _month_line(
    figure: go.Figure,
    months: Sequence[MonthBar],
    name: str,
    amounts: Sequence[Money | None],
    colour: str,
    *,
    dash: str = "solid",
    shape: str = "linear",
) -> None:
    figure.add_scatter(
        x=[one.month for one in months],
        y=[None if one is None else float(one.amount) for one in amounts],
        name=name,
        # without markers a line intercepts clicks on the bar below it; these are invisible
        mode="lines+markers",
        marker={"size": 1, "opacity": 0},
        line={"color": colour, "width": 2, "dash": dash, "shape": shape},
        hovertemplate=_said(
            "" if one is None else f"{money(one)} {name.lower()}" for one in amounts
        ),
    )


def _said(sentences: Iterable[str]) -> list[str]:
    """Return the complete hover text of each point: a redraw on hover shows raw placeholders."""
    return [one + _NONE for one in sentences]


def _goal(figure: go.Figure, goal: Money, colours: Palette) -> None:
    level = float(goal.amount)
    figure.add_hline(y=level, line={"color": colours.ink, "width": 1, "dash": "dash"})
    figure.add_annotation(
        x=1,
        xref="paper",
        xanchor="left",
        y=level,
        text=f"Goal<br>{money_short(goal)}",
        showarrow=False,
        align="left",
        font={"size": 11, "color": colours.ink},
        xshift=6,
    )


def _month_axis(figure: go.Figure, months: Sequence[MonthBar]) -> None:
    if months:
        # the automatic range would add space for the invisible markers of the line
        half = timedelta(days=16)
        figure.update_xaxes(range=[months[0].month - half, months[-1].month + half])
    # Plotly labels as many months as fit, fewer on a phone
    figure.update_xaxes(
        showgrid=False,
        tickformat="%b\n%Y",
        hoverformat="%B %Y",
        tickangle=0,
        fixedrange=True,
        tickfont={"size": 11},
    )


def _change(step: Step) -> str:
    short = money_short(step.amount)
    return short if step.whole or step.amount.minor <= 0 else f"+{short}"


def _levels(steps: Sequence[Step]) -> list[float]:
    levels, height = [], 0.0
    for one in steps:
        height = float(one.amount.amount) if one.whole else height + float(one.amount.amount)
        levels.append(height)
    return levels


def sentence_of_months(months: Sequence[MonthBar], goal: Money | None) -> str:
    """Return a sentence that describes the chart of months, for screen readers."""
    if not months:
        return "No gifts yet."
    best = max(months, key=lambda one: one.total.minor)
    last = months[-1]
    said = (
        f"Giving by month from {month(months[0].month)} to {month(last.month)}: most in "
        f"{month(best.month)} with {money(best.total)}, {money(last.total)} in the last month"
    )
    return f"{said}; the goal is {money(goal)} a month." if goal else f"{said}."
