"""The charts of Today: the same amounts, colours and labels as those of the dashboard."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.kit.money import Money
from app.ui.base.theme import DARK, FONT, LIGHT, Palette
from app.ui.charts import plots, vega
from app.ui.charts.plots import MonthBar

COLOURS = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def usd(amount: int | str) -> Money:
    return Money.of(str(amount), "USD")


MONTHS = [
    MonthBar(date(2026, 10, 1), usd(3000), usd(400), usd(2900)),
    MonthBar(date(2026, 11, 1), usd(3100), usd("-50.25"), usd(3300)),
]


def labels(spec: Any) -> Any:
    return json.loads(spec["axis"]["labelExpr"].removeprefix("(").removesuffix(")[datum.value]"))


@COLOURS
def test_giving_by_month(colours: Palette) -> None:
    chart = vega.giving_by_month(MONTHS, colours)
    rows = chart["data"]["values"]
    assert [(row["month"], row["kind"], row["amount"]) for row in rows] == [
        ("2026-10-01", "Pledged", 3000.0),
        ("2026-10-01", "One-time", 400.0),
        ("2026-10-01", "Last year", 2900.0),
        ("2026-11-01", "Pledged", 3100.0),
        ("2026-11-01", "One-time", -50.25),
        ("2026-11-01", "Last year", 3300.0),
    ]
    bars, line = chart["layer"]
    scale = bars["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "Pledged": colours.teal,
        "One-time": colours.amber,
        "Last year": colours.slate,
    }
    assert line["mark"]["strokeDash"]
    assert rows[3]["One-time amount"] == "−$50.25"
    assert labels(chart["encoding"]["x"]) == {
        "2026-10-01": ["Oct", "2026"],
        "2026-11-01": ["Nov", "2026"],
    }
    axis = bars["encoding"]["y"]
    assert labels(axis)["2000"] == "$2k"
    assert {str(int(tick)) for tick in axis["axis"]["values"]} == set(labels(axis))
    assert axis["scale"]["domain"][0] <= -50.25
    assert chart["config"]["font"] == FONT


def test_without_last_year() -> None:
    chart = vega.giving_by_month([replace(bar, last_year=None) for bar in MONTHS], LIGHT)
    (bars,) = chart["layer"]
    assert bars["encoding"]["color"]["scale"]["domain"] == ["Pledged", "One-time"]
    assert {row["kind"] for row in chart["data"]["values"]} == {"Pledged", "One-time"}


def test_donor_months_mark_missed_instalments() -> None:
    months = [MONTHS[0], replace(MONTHS[1], missed=2)]
    mark = vega.donor_months(months, LIGHT)["layer"][-1]
    assert mark["mark"]["text"] == vega.MISSED
    assert mark["data"]["values"] == [
        {"month": "2026-11-01", "Month": "Nov 2026", "Missed": "2 instalments"}
    ]
    description = plots.months_description(months)
    assert "; missed instalments in Nov 2026." in description
    assert "missed" not in plots.months_description(MONTHS)


def test_donor_months_show_the_promised_amounts() -> None:
    months = [replace(bar, promised=usd(70)) for bar in MONTHS]
    chart = vega.donor_months(months, LIGHT)
    bars, line = chart["layer"]
    assert bars["encoding"]["color"]["scale"]["domain"] == ["Pledged", "One-time", "Promised"]
    assert line["mark"]["interpolate"] == "step"
    promised = [row["amount"] for row in chart["data"]["values"] if row["kind"] == "Promised"]
    assert promised == [70.0] * len(MONTHS)
    nothing_promised = [replace(bar, promised=None) for bar in months]
    assert len(vega.donor_months(nothing_promised, LIGHT)["layer"]) == 1


def test_each_month_shows_the_goal_it_had() -> None:
    months = [replace(MONTHS[0], goal=usd(2000)), replace(MONTHS[1], goal=usd(5000))]
    *_, line, label = vega.giving_by_month(months, LIGHT)["layer"]
    assert line["data"]["values"] == [
        {"from": "2026-10-01", "to": "2026-10-01", "goal": 2000.0},
        {"from": "2026-11-01", "to": "2026-11-01", "goal": 5000.0},
    ]
    assert label["mark"]["text"] == "Goal $5k"
    ended = vega.giving_by_month([months[0], MONTHS[1]], LIGHT)["layer"]
    assert [len(layer["data"]["values"]) for layer in ended if "data" in layer] == [1]
    same = vega.giving_by_month([replace(bar, goal=usd(2000)) for bar in MONTHS], LIGHT)["layer"]
    assert same[-2]["data"]["values"] == [
        {"from": "2026-10-01", "to": "2026-11-01", "goal": 2000.0}
    ]


def test_nothing_given_yet() -> None:
    json.dumps(vega.giving_by_month([], LIGHT))
