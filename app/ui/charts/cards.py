"""Cards with charts, such as giving by month and changes; a click shows the rows behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import streamlit as st

from app.insights import Change, Changes, FiscalYear, MonthIncome
from app.kit.dates.days import month_of, months_after
from app.kit.money import Money
from app.ui.base import theme
from app.ui.base.formats import money, percent
from app.ui.base.formats import month as month_text
from app.ui.charts import plots, vega, waterfall
from app.ui.charts.plots import MonthBar
from app.ui.charts.waterfall import Step
from app.ui.widgets import tables

LABELS = {
    "new": "New",
    "back": "Back",
    "up": "Up",
    "down": "Down",
    "lapsed": "Lapsed",
    "corrected": "Refunds",
    "shared": "Shared",
}
# the changes that a bar of the waterfall sums up, if more than its own
KINDS = {"lapsed": (Change.LAPSED_NEW, Change.LAPSED)}


@contextmanager
def card(title: str, *, help: str | None = None) -> Iterator[None]:  # noqa: A002
    """Draw a bordered card with a heading, stretched to the height of its row."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, help=help)
        yield


def month_bars(months: Sequence[MonthIncome]) -> list[MonthBar]:
    """Return the months as bars of a chart."""
    return [
        MonthBar(
            month.month,
            month.income.recurring,
            month.income.one_time,
            month.last_year,
            goal=month.goal if month.goal and month.goal.minor else None,
        )
        for month in months
    ]


def show_giving(months: Sequence[MonthIncome], *, key: str, clickable: bool = True) -> date | None:
    """Draw giving by month and return the clicked month."""
    bars = month_bars(months)
    alt = plots.months_description(bars)
    if not clickable:
        vega.show(vega.giving_by_month(bars, theme.palette()), key=key, alt=alt)
        return None
    clicked = plots.show(
        plots.giving_by_month(bars, theme.palette()), key=key, alt=alt, clickable=True
    )
    return plots.clicked_month(clicked)


def show_months_table(months: Sequence[MonthIncome], *, key: str, today: date) -> None:
    """Show the values of the chart of months as a table."""
    tables.show(
        list(reversed(months)),
        [
            tables.text("Month", lambda month: month_text(month.month)),
            tables.money("Pledged", lambda month: month.income.recurring),
            tables.money("One-time", lambda month: month.income.one_time),
            tables.money("In all", lambda month: month.income.total),
            tables.money("Last year", lambda month: month.last_year),
            tables.money("Goal", lambda month: month.goal),
        ],
        key=key,
        today=today,
    )


def waterfall_steps(changes: Changes, label_before: str, label_now: str) -> list[Step]:
    """Return the changes as bars of a waterfall; they add up to the difference of its ends."""
    amounts = {step.change: step.amount for step in changes.steps}
    zero = Money(0, changes.now.currency)
    step_list = [
        Step(key, label, sum((amounts.get(kind, zero) for kind in changes_of_bar(key)), zero))
        for key, label in LABELS.items()
    ]
    return [
        Step("before", label_before, changes.before, is_total=True),
        *(step for step in step_list if step.amount.minor),
        Step("now", label_now, changes.now, is_total=True),
    ]


def changes_of_bar(bar: str) -> tuple[Change, ...]:
    """Return the kinds of change that a bar of the waterfall sums up."""
    return KINDS.get(bar, (Change(bar),))


def show_changes(
    changes: Changes, *, key: str, label_before: str, label_now: str, clickable: bool
) -> str | None:
    """Draw the waterfall of changes and return the key of the clicked bar, or None."""
    steps = waterfall_steps(changes, label_before, label_now)
    alt = changes_description(changes, label_before, label_now)
    return waterfall.show(steps, key=key, alt=alt, clickable=clickable)


def changes_description(changes: Changes, label_before: str, label_now: str) -> str:
    """Return a sentence that describes the waterfall, for screen readers."""
    return (
        f"{label_before} {money(changes.before)}, {money(changes.gains)} gained and "
        f"{money(changes.losses)} lost, {label_now.lower()} {money(changes.now)}."
    )


def show_year(year: FiscalYear, months: Sequence[MonthIncome], *, today: date, key: str) -> None:
    """Draw the running sum of the fiscal year, last year's, and the expected pledge payments."""
    first = year.span.start
    months_this_year = [month for month in months if month.month >= first]
    sum_this_year, sum_last_year = Money(0, year.given.currency), Money(0, year.given.currency)
    lines: tuple[list[tuple[date, Money]], list[tuple[date, Money]]] = (
        [(first, sum_this_year)],
        [(first, sum_last_year)],
    )
    for month in months_this_year:
        end = min(month_of(month.month).end, today + timedelta(days=1))
        sum_this_year, sum_last_year = (
            sum_this_year + month.income.total,
            sum_last_year + month.last_year,
        )
        lines[0].append((end, sum_this_year))
        lines[1].append((month_of(month.month).end, sum_last_year))
    # last year's values for the months still to come are twelve months earlier in `months`
    for month in months:
        month_next_year = months_after(month.month, 12)
        if months_this_year[-1].month < month_next_year < months_after(first, 12):
            sum_last_year += month.income.total
            lines[1].append((month_of(month_next_year).end, sum_last_year))
    expected_line = [(lines[0][-1][0], year.given), (months_after(first, 12), year.outlook)]
    expected = expected_line if year.expected.minor else []
    plots.show(
        plots.cumulative(lines[0], lines[1], expected, theme.palette()),
        key=key,
        alt=f"{money(year.given)} given this fiscal year, {money(year.last_year)} by the same "
        f"day last year; with what pledges still bring, {money(year.outlook)}.",
    )


def show_parts(recurring: Money, one_time: Money) -> None:
    """Draw the shares of recurring and one-time income; none without any income."""
    total = recurring.minor + one_time.minor
    if total <= 0:
        tables.show_empty("redeem", "Nothing was given in this period.")
        return
    tables.show_share(
        [
            (name, max(part.minor, 0) / total, f"{money(part)} ({percent(part.minor / total)})")
            for name, part in (("Recurring", recurring), ("One-time", one_time))
        ]
    )
