"""Charts: order of the colours, amounts on the axes, descriptions for screen readers."""

from dataclasses import replace
from datetime import date

import pytest

from app.kit.money import Money
from app.ui.base.theme import DARK, FONT, LIGHT, Palette
from app.ui.charts import plots
from app.ui.charts.axes import range_with_labels, round_ticks
from app.ui.charts.plots import MonthBar

COLOURS = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def usd(amount: int | str) -> Money:
    return Money.of(str(amount), "USD")


MONTHS = [
    MonthBar(date(2026, 10, 1), usd(3000), usd(400), usd(2900), usd(3100)),
    MonthBar(date(2026, 11, 1), usd(3100), usd("-50.25"), usd(3300), usd(3100)),
]


def with_goal(*goals: Money | None) -> list[MonthBar]:
    """The months with a goal each, or with the same one."""
    of_months = goals if len(goals) > 1 else goals * len(MONTHS)
    return [replace(bar, goal=goal) for bar, goal in zip(MONTHS, of_months, strict=True)]


def test_each_month_shows_the_goal_it_had() -> None:
    figure = plots.giving_by_month(with_goal(usd(2000), usd(5000)), LIGHT)
    assert [shape.y0 for shape in figure.layout.shapes] == [2000, 5000]
    assert [shape.x0 for shape in figure.layout.shapes] == [date(2026, 9, 15), date(2026, 10, 16)]
    assert figure.layout.annotations[0].text == "Goal<br>$5k"
    ended = plots.giving_by_month(with_goal(usd(2000), None), LIGHT)
    assert [shape.y0 for shape in ended.layout.shapes] == [2000]
    assert not ended.layout.annotations


@COLOURS
def test_giving_by_month(colours: Palette) -> None:
    figure = plots.giving_by_month(with_goal(usd(5000)), colours)
    pledged, one_time, last_year = figure.data
    assert [trace.name for trace in figure.data] == ["Pledged", "One-time", "Last year"]
    assert (pledged.marker.color, one_time.marker.color) == (colours.teal, colours.amber)
    assert last_year.line.dash == "dot"
    assert figure.layout.barmode == "relative"
    assert one_time.hovertemplate[1] == "−$50.25 one-time<extra></extra>"
    assert figure.layout.shapes[0].line.dash == "dash"
    goal = figure.layout.annotations[0]
    # beside the plot, so that no bar can stand behind it
    assert (goal.x, goal.xref, goal.xanchor) == (1, "paper", "left")
    assert goal.text == "Goal<br>$5k"
    assert figure.layout.yaxis.ticktext[-1] == "$5k"
    assert figure.layout.yaxis.range[0] <= 0
    assert figure.layout.font.family == FONT
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_without_goal_and_last_year_there_is_neither() -> None:
    bars = [MonthBar(date(2026, 11, 1), usd(1), usd(2), usd(0))]
    figure = plots.giving_by_month(bars, LIGHT)
    assert len(figure.data) == 2
    assert not figure.layout.shapes


def test_no_months_give_an_empty_figure() -> None:
    assert plots.giving_by_month([], LIGHT).layout.yaxis.range == (0, 1)
    assert plots.months_description([]) == "No gifts yet."


def test_cumulative_lines() -> None:
    line = [(date(2026, 1, 1), usd(1)), (date(2026, 2, 1), usd(3))]
    figure = plots.cumulative(line, line, [], LIGHT)
    assert [trace.name for trace in figure.data] == ["Last year", "Given"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 0, [0, 1]),
        (0, 5000, [0, 1000, 2000, 3000, 4000, 5000]),
        (0, 7300, [0, 2000, 4000, 6000]),
        (-500, 4000, [-1000, 0, 1000, 2000, 3000, 4000]),
        (0, 0.9, [0, 0.2, 0.4, 0.6, 0.8]),
    ],
)
def test_axes_are_round(low: int, high: float, ticks: list[float]) -> None:
    assert round_ticks(low, high) == ticks


def test_the_axis_range_leaves_space_for_labels() -> None:
    assert range_with_labels([0, 100]) == [0, 114]
    assert range_with_labels([-50, 50])[0] < -50


def test_a_click_names_its_month() -> None:
    assert plots.clicked_month("2026-11-01") == date(2026, 11, 1)
    assert plots.clicked_month(None) is None


def test_descriptions() -> None:
    text = plots.months_description(with_goal(usd(5000)))
    assert text == (
        "Giving by month from Oct 2026 to Nov 2026: most in Oct 2026 with $3,400, $3,049.75 in the"
        " last month; the goal is $5,000 a month."
    )


def test_equal_values_use_the_cached_figure() -> None:
    goal = Money(100, "USD")
    months = [MonthBar(date(2026, 11, 1), Money(5_000, "USD"), Money(0, "USD"), goal=goal)]
    first = plots.giving_by_month(months, LIGHT)
    assert plots.giving_by_month(list(months), LIGHT) is first
    for figure in (
        plots.giving_by_month([replace(months[0], pledged=Money(5_001, "USD"))], LIGHT),
        plots.giving_by_month([replace(months[0], goal=Money(100, "EUR"))], LIGHT),
        plots.giving_by_month(months, replace(LIGHT, teal="#000000")),
        plots.giving_by_month([replace(months[0], goal=None)], LIGHT),
    ):
        assert figure is not first
        assert figure != first
