"""The charts of Today and of a donor, drawn with Vega-Lite instead of Plotly.

Today is what a browser loads first: Vega-Lite is smaller on the wire than Plotly, and takes less
of a browser's time. Nothing happens at a click in these charts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from app.kit.money import Money
from app.ui.base.formats import count, money, money_short
from app.ui.base.formats import month as month_text
from app.ui.base.theme import FONT, Palette
from app.ui.charts.axes import amount_labels
from app.ui.charts.plots import MonthBar

MONTHS_HEIGHT, DONOR_HEIGHT = 340, 260
PLEDGED, ONE_TIME, LAST_YEAR, PROMISED = "Pledged", "One-time", "Last year", "Promised"
# the mark of a month with missed instalments
MISSED = "\N{MULTIPLICATION X}"
Spec = dict[str, Any]


def giving_by_month(months: Sequence[MonthBar], colours: Palette) -> Spec:
    """Return the chart of pledged and one-time income by month, with last year and the goals."""
    names = {PLEDGED: colours.teal, ONE_TIME: colours.amber}
    if any(bar.last_year is not None and bar.last_year.minor for bar in months):
        names[LAST_YEAR] = colours.slate
    parts = [part for bar in months for part in (bar.pledged, bar.one_time) if part.minor < 0]
    amounts = parts + [bar.total for bar in months]
    amounts += [bar.goal for bar in months if bar.goal is not None]
    amounts += [
        bar.last_year for bar in months if LAST_YEAR in names and bar.last_year is not None
    ]
    y = _amount_axis(amounts)
    line = {"type": "line", "strokeDash": [2, 3], "strokeWidth": 2}
    return _chart(
        [row for bar in months for row in _month_rows(bar, names)],
        [*_bars_and_line(names, y, LAST_YEAR, line), *_goal_layers(months, y, colours)],
        {"x": _month_axis(months), "tooltip": _tooltip([*names])},
        colours,
        MONTHS_HEIGHT,
    )


def donor_months(months: Sequence[MonthBar], colours: Palette) -> Spec:
    """Return the chart of one donor's gifts by month, with the promised amount as a line."""
    names = {PLEDGED: colours.teal, ONE_TIME: colours.amber}
    promised = [bar.promised for bar in months if bar.promised is not None]
    if any(amount.minor for amount in promised):
        names[PROMISED] = colours.indigo
    amounts = [bar.total for bar in months] + (promised if PROMISED in names else [])
    line = {"type": "line", "interpolate": "step", "strokeWidth": 2}
    return _chart(
        [row for bar in months for row in _month_rows(bar, names)],
        [
            *_bars_and_line(names, _amount_axis(amounts), PROMISED, line),
            *_missed_layer(months, colours),
        ],
        {"x": _month_axis(months), "tooltip": _tooltip([*names])},
        colours,
        DONOR_HEIGHT,
    )


def _missed_layer(months: Sequence[MonthBar], colours: Palette) -> list[Spec]:
    """Return a mark at the foot of each month that has missed instalments."""
    rows = [
        {
            "month": bar.month.isoformat(),
            "Month": month_text(bar.month),
            "Missed": count(bar.missed, "instalment"),
        }
        for bar in months
        if bar.missed
    ]
    if not rows:
        return []
    mark = {"type": "text", "text": MISSED, "dy": -9, "fontSize": 15, "fontWeight": "bold"}
    fields = [{"field": field, "type": "nominal"} for field in ("Month", "Missed")]
    return [
        {
            "data": {"values": rows},
            "mark": mark | {"color": colours.ink},
            "encoding": {"y": {"value": "height"}, "tooltip": fields},
        }
    ]


def _amount_axis(amounts: Sequence[Money]) -> Spec:
    ticks, labels, top = amount_labels(amounts)
    return {"type": "quantitative", "title": None, "scale": {"domain": [ticks[0], top]}} | {
        "axis": {"values": ticks, "labelExpr": _lookup(dict(zip(ticks, labels, strict=True)))}
    }


def _bars_and_line(names: Mapping[str, str], y: Spec, of_line: str, line: Spec) -> list[Spec]:
    """Return stacked bars of all `names` but one, which is a line if it is among them."""
    scale = {"domain": [*names], "range": [*names.values()]}
    color = {"field": "kind", "type": "nominal", "title": None, "scale": scale}
    bars = {
        "mark": {"type": "bar", "width": {"band": 0.65}},
        "encoding": {
            "y": y | {"field": "amount", "stack": "zero"},
            "color": color,
            # pledged income at the bottom
            "order": {"field": "place", "type": "quantitative"},
        },
        "transform": [{"filter": f"datum.kind != '{of_line}'"}],
    }
    layer = {
        "mark": line,
        "encoding": {"y": y | {"field": "amount"}, "color": color},
        "transform": [{"filter": f"datum.kind == '{of_line}'"}],
    }
    return [bars, layer] if of_line in names else [bars]


def show(chart: Spec, *, key: str, alt: str) -> None:
    """Draw a chart with a sentence for screen readers."""
    st.vega_lite_chart(chart, theme=None, width="stretch", key=key, alt=alt)


def _month_axis(months: Sequence[MonthBar]) -> Spec:
    labels = {bar.month.isoformat(): month_text(bar.month).rsplit(" ", 1) for bar in months}
    return {
        "field": "month",
        "type": "ordinal",
        "title": None,
        # without space between months, so that the lines of their goals meet
        "scale": {"paddingInner": 0, "paddingOuter": 0.1, "domain": [*labels]},
        "axis": {"labelExpr": _lookup(labels), "labelOverlap": True},
    }


def _month_rows(bar: MonthBar, names: Iterable[str]) -> list[dict[str, object]]:
    of_name = {
        PLEDGED: bar.pledged,
        ONE_TIME: bar.one_time,
        LAST_YEAR: bar.last_year,
        PROMISED: bar.promised,
    }
    amounts = {name: of_name[name] for name in names}
    texts = {
        f"{name} amount": money(amount) for name, amount in amounts.items() if amount is not None
    }
    shared = {"month": bar.month.isoformat(), "Month": month_text(bar.month)} | texts
    return [
        shared | {"kind": name, "place": place, "amount": float(amount.amount)}
        for place, (name, amount) in enumerate(amounts.items())
        if amount is not None
    ]


def _goal_layers(months: Sequence[MonthBar], y: Spec, colours: Palette) -> list[Spec]:
    """Return the goal as a dashed line that steps where it changes, and the last one's label."""
    rows = []
    for goal, run in groupby(months, key=lambda bar: bar.goal):
        of_goal = [bar.month.isoformat() for bar in run]
        if goal is not None:
            rows.append({"from": of_goal[0], "to": of_goal[-1], "goal": float(goal.amount)})
    if not rows:
        return []
    x = {"type": "ordinal", "scale": {"domain": [bar.month.isoformat() for bar in months]}}
    end = {"field": "to", "bandPosition": 1}
    shared = {"y": y | {"field": "goal"}, "tooltip": None}
    line = {
        "data": {"values": rows},
        "mark": {"type": "rule", "color": colours.ink, "strokeDash": [5, 3]},
        "encoding": shared | {"x": x | {"field": "from", "bandPosition": 0}, "x2": end},
    }
    last = months[-1].goal
    if last is None:
        return [line]
    text = {"type": "text", "align": "right", "dy": -7, "fontSize": 11, "color": colours.ink}
    label = {
        "data": {"values": rows[-1:]},
        "mark": text | {"text": f"Goal {money_short(last)}"},
        "encoding": shared | {"x": x | end},
    }
    return [line, label]


def _tooltip(names: Sequence[str]) -> list[Spec]:
    fields = [{"field": f"{name} amount", "title": name, "type": "nominal"} for name in names]
    return [{"field": "Month", "type": "nominal"}, *fields]


def _lookup(labels: Mapping[Any, object]) -> str:
    """Return a Vega expression that replaces an axis value by its label."""
    texts = {_as_key(value): label for value, label in labels.items()}
    return f"({json.dumps(texts, ensure_ascii=False)})[datum.value]"


def _as_key(value: object) -> str:
    """Return a value as JavaScript writes it as a key."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _chart(
    rows: Sequence[Mapping[str, object]],
    layers: Sequence[Spec],
    encoding: Spec,
    colours: Palette,
    height: int,
) -> Spec:
    """Return a chart in the theme's colours and the app's font."""
    axis = {"labelColor": colours.ink, "ticks": False, "domainColor": colours.grid}
    return {
        "data": {"values": list(rows)},
        "encoding": encoding,
        "layer": list(layers),
        "height": height,
        "background": "transparent",
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": axis | {"labelFontSize": 12, "labelPadding": 6},
            "axisX": {"grid": False, "labelAngle": 0, "labelFontSize": 11},
            "axisY": {"gridColor": colours.grid, "domain": False},
            "legend": {
                "orient": "top",
                "direction": "horizontal",
                "labelColor": colours.ink,
                "labelFontSize": 12,
                "title": None,
            },
        },
    }
