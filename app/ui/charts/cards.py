"""Cards with charts, such as giving by month and changes; a click shows the rows behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import streamlit as st

from app.insights import Change, Changes, FiscalYear, MonthIncome
from app.kit.days import month_of, months_after
from app.kit.money import Money
from app.ui.base import theme
from app.ui.base.formats import money
from app.ui.charts import plots
from app.ui.charts.plots import MonthBar, Step
from app.ui.widgets import tables

WORDS = {
    "new": "New",
    "back": "Back",
    "up": "Up",
    "down": "Down",
    "lapsed": "Lapsed",
    "corrected": "Refunds",
}
# the changes that a bar of the waterfall sums up, if more than its own
KINDS = {"lapsed": (Change.LAPSED_NEW, Change.LAPSED)}


@contextmanager
def card(title: str, *, help: str | None = None) -> Iterator[None]:  # noqa: A002
    """Draw a bordered card with a heading, stretched to the height of its row."""
    with st.container(border=True, height="stretch"):
        st.subheader(title, help=help)
        yield


def bars(months: Sequence[MonthIncome]) -> list[MonthBar]:
    """Return the months as bars of a chart."""
    return [
        MonthBar(one.month, one.income.recurring, one.income.one_time, one.last_year)
        for one in months
    ]


def giving(
    months: Sequence[MonthIncome], *, goal: Money | None, key: str, clickable: bool = True
) -> date | None:
    """Draw giving by month and return the clicked month."""
    drawn, aim = bars(months), goal if goal is not None and goal.minor else None
    clicked = plots.show(
        plots.giving_by_month(drawn, theme.palette(), goal=aim),
        key=key,
        alt=plots.sentence_of_months(drawn, aim),
        clickable=clickable,
    )
    return plots.clicked_month(clicked)


def months_table(months: Sequence[MonthIncome], *, key: str, today: date) -> None:
    """Show the values of the chart of months as a table."""
    tables.show(
        list(reversed(months)),
        [
            tables.text("Month", lambda one: f"{one.month:%b %Y}"),
            tables.money("Pledged", lambda one: one.income.recurring),
            tables.money("One-time", lambda one: one.income.one_time),
            tables.money("In all", lambda one: one.income.total),
            tables.money("Last year", lambda one: one.last_year),
        ],
        key=key,
        today=today,
    )


def steps(changes: Changes, before: str, now: str) -> list[Step]:
    """Return the changes as bars of a waterfall; they add up to the difference of its ends."""
    amounts = {one.change: one.amount for one in changes.steps}
    zero = Money(0, changes.now.currency)
    moved = [
        Step(word, label, sum((amounts.get(one, zero) for one in kinds(word)), zero))
        for word, label in WORDS.items()
    ]
    return [
        Step("before", before, changes.before, whole=True),
        *(one for one in moved if one.amount.minor),
        Step("now", now, changes.now, whole=True),
    ]


def kinds(bar: str) -> tuple[Change, ...]:
    """Return the kinds of change that a bar of the waterfall sums up."""
    return KINDS.get(bar, (Change(bar),))


def changed(changes: Changes, *, key: str, before: str, now: str, clickable: bool) -> str | None:
    """Draw the waterfall of changes and return the key of the clicked bar, or None."""
    drawn = steps(changes, before, now)
    clicked = plots.show(
        plots.waterfall(drawn, theme.palette()),
        key=key,
        alt=sentence_of_changes(changes, before, now),
        clickable=clickable,
    )
    return next((one.key for one in drawn if one.label == clicked and not one.whole), None)


def sentence_of_changes(changes: Changes, before: str, now: str) -> str:
    """Return a sentence that describes the waterfall, for screen readers."""
    return (
        f"{before} {money(changes.before)}, {money(changes.gains)} gained and "
        f"{money(changes.losses)} lost, {now.lower()} {money(changes.now)}."
    )


def year(year: FiscalYear, months: Sequence[MonthIncome], *, today: date, key: str) -> None:
    """Draw the running sum of the fiscal year, last year's, and the expected pledge payments."""
    first = year.span.start
    mine = [one for one in months if one.month >= first]
    given, before = Money(0, year.given.currency), Money(0, year.given.currency)
    lines: tuple[list[tuple[date, Money]], list[tuple[date, Money]]] = (
        [(first, given)],
        [(first, before)],
    )
    for one in mine:
        end = min(month_of(one.month).end, today + timedelta(days=1))
        given, before = given + one.income.total, before + one.last_year
        lines[0].append((end, given))
        lines[1].append((month_of(one.month).end, before))
    # last year's values for the months still to come are twelve months earlier in `months`
    for one in months:
        ahead = months_after(one.month, 12)
        if mine[-1].month < ahead < months_after(first, 12):
            before += one.income.total
            lines[1].append((month_of(ahead).end, before))
    rest = [(lines[0][-1][0], year.given), (months_after(first, 12), year.outlook)]
    expected = rest if year.expected.minor else []
    plots.show(
        plots.cumulative(lines[0], lines[1], expected, theme.palette()),
        key=key,
        alt=f"{money(year.given)} given this fiscal year, {money(year.last_year)} by the same "
        f"day last year; with what pledges still bring, {money(year.outlook)}.",
    )


def parts(recurring: Money, one_time: Money, *, key: str) -> None:
    """Draw the shares of recurring and one-time income."""
    plots.show(
        plots.two_parts(recurring, one_time, theme.palette()),
        key=key,
        alt=f"{money(recurring)} recurring and {money(one_time)} one-time.",
        height="content",
    )
