"""KPI cards: four in a row, two on a phone, each with its change in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import streamlit as st

from app.accounts import Actor, Role
from app.gifts import Freshness
from app.goals import Income, Progress
from app.insights import Changes, FiscalYear, MonthIncome
from app.kit.money import Money
from app.ui.base.formats import count, day, escape, long_day, moment, money, month, number, percent
from app.ui.widgets import tables

Direction = Literal["up", "down", "off"]
COLOURS: dict[Direction, Literal["primary", "orange", "off"]] = {
    "up": "primary",
    "down": "orange",
    "off": "off",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A KPI: value, change in words, direction of the change, and small bars that start at zero.

    `picture` are the heights of the bars with what each of them says.
    """

    label: str
    value: str
    change: str | None = None
    direction: Direction = "off"
    help: str | None = None
    picture: Sequence[tuple[float, str]] = ()
    # the value of the highest bar, if it is more than all of them
    full: float = 0


def show_row(figures: Sequence[Figure], *, key: str = "figures") -> None:
    """Draw a row of at most four KPIs; `key` must begin with "figures" (see the stylesheet)."""
    with st.container(key=key):
        for column, figure in zip(st.columns(len(figures), gap="small"), figures, strict=True):
            with column.container(border=True, height="stretch", gap="xsmall"):
                st.metric(
                    figure.label,
                    figure.value,
                    figure.change,
                    delta_arrow=figure.direction,
                    delta_color=COLOURS[figure.direction],
                    help=figure.help,
                )
                if figure.picture:
                    tables.show_bars(figure.picture, full=figure.full)


def support(progress: Progress, history: Sequence[tuple[date, Money]] = ()) -> Figure:
    """Return monthly support with its change since the end of last month."""
    change: str | None = None
    direction: Direction = "off"
    if history:
        change, direction = _change_text(progress.support, history[-1][1], "since last month")
    return Figure(
        "Monthly support",
        money(_rounded(progress.support)),
        change,
        direction,
        f"{_escaped(progress.pledged)} a month promised in active pledges, and "
        f"{_escaped(progress.one_time)} a month as a twelfth of the last twelve months' gifts "
        "without a pledge. Donors who have died are not counted.",
        _amounts(_with_now(progress, history)),
    )


def _with_now(
    progress: Progress, history: Sequence[tuple[date, Money]]
) -> list[tuple[str, Money]]:
    """Return the support of each month's end and today's, named; nothing without a history."""
    named = [(month(end), amount) for end, amount in history]
    return [*named, ("Now", progress.support)] if named else []


def _amounts(named: Sequence[tuple[str, Money]]) -> list[tuple[float, str]]:
    return [(float(amount.amount), f"{name}: {money(_rounded(amount))}") for name, amount in named]


def goal(progress: Progress, history: Sequence[tuple[date, Money]] = ()) -> Figure:
    """Return monthly support as a share of the goal."""
    if progress.share is None:
        return Figure("Goal", "–", "no goal set yet", help="Set your monthly goal in My settings.")
    to_go = f"{money(_rounded(progress.gap))} a month to go" if progress.gap.minor else "reached"
    shares = [
        (name, amount.minor / progress.goal.minor) for name, amount in _with_now(progress, history)
    ]
    return Figure(
        "Goal",
        percent(progress.share),
        to_go,
        help=f"Monthly support against the goal of {_escaped(progress.goal)} a month.",
        picture=[(share, f"{name}: {percent(share)}") for name, share in shares],
        full=1.0,
    )


def show_notes(sentences: Sequence[str]) -> None:
    """Draw notes below figures on the pledges they leave out, if any."""
    if sentences:
        st.caption(f":material/warning: {escape(' '.join(sentences))}")


def given_this_year(year: FiscalYear, months: Sequence[MonthIncome] = ()) -> Figure:
    """Return the income of this fiscal year, compared with the same days last year."""
    change = "nothing by this day last year"
    direction: Direction = "off"
    if year.growth is not None:
        sign = "+" if year.growth >= 0 else "\N{MINUS SIGN}"
        change = f"{sign}{percent(abs(year.growth))} on last year"
        direction = "up" if year.growth >= 0 else "down"
    return Figure(
        "Given this fiscal year",
        money(_rounded(year.given)),
        change,
        direction,
        f"Gifts less reversals since {long_day(year.span.start)}; by this day last year "
        f"{_escaped(year.last_year)}.",
        _amounts([(month(each.month), each.income.total) for each in months]),
    )


def retention(
    changes: Changes, earlier: float | None = None, years: Sequence[tuple[int, float]] = ()
) -> Figure:
    """Return donor retention: the share of the previous period's donors who gave again."""
    if changes.retention is None:
        return Figure("Donors kept", "–", "nobody gave in the period before")
    kept, before = number(changes.donors_kept), number(changes.donors_before)
    change = f"{kept} of {before}"
    direction: Direction = "off"
    if earlier is not None:
        points = round(changes.retention * 100) - round(earlier * 100)
        unit = "point" if abs(points) == 1 else "points"
        change = f"{abs(points)} {unit} {'up' if points > 0 else 'down'}"
        direction = "up" if points > 0 else "down"
        if points == 0:
            change, direction = "as a year ago", "off"
    return Figure(
        "Donors kept",
        percent(changes.retention),
        change,
        direction,
        f"{kept} of the {before} donors who gave in the period before gave again.",
        [
            *((share, f"{year}: {percent(share)}") for year, share in years),
            (changes.retention, f"Last 12 months: {percent(changes.retention)}"),
        ]
        if years
        else (),
        full=1.0,
    )


def received(income: Income) -> Figure:
    """Return the income of the chosen period."""
    gifts = count(income.gifts, "gift")
    return Figure("Received", money(_rounded(income.total)), gifts, help="In the chosen period.")


def outlook_sentence(year: FiscalYear) -> str:
    """Return a sentence on the year's income, the expected pledges, and their sum."""
    if not year.expected.minor:
        return f"{_escaped(year.given)} given so far."
    return (
        f"{_escaped(year.given)} given so far; pledges bring {_escaped(year.expected)} more "
        f"until {day(year.until, today=year.span.last)}: {_escaped(year.outlook)}."
    )


def retention_sentence(changes: Changes) -> str:
    """Return a sentence on donor retention and gift retention."""
    if changes.retention is None or changes.gift_retention is None:
        return "Nobody gave in the period before."
    text = (
        f"{number(changes.donors_kept)} of {count(changes.donors_before, 'donor')} gave again "
        f"({percent(changes.retention)}), with "
        f"{percent(changes.gift_retention)} of the money given before"
    )
    if changes.new_retention is not None:
        text += f"; of those who were new then, {percent(changes.new_retention)} did"
    return f"{text}."


def scope(actor: Actor) -> str:
    """Return whose day Today is, if not only the actor's own: " · you and your team"."""
    if actor.sees_everyone:
        return " · the whole organisation"
    return " · you and your team" if actor.role in {Role.SUPERVISOR, Role.COACH} else ""


def freshness(fresh: Freshness, *, today: date, zone: str) -> str:
    """Return how recent the data is: "data through …, imported …"."""
    if fresh.last_gift_date is None:
        return "no gifts yet"
    through = f"data through {long_day(fresh.last_gift_date, today=today)}"
    if fresh.imported_at is None:
        return through
    importer = f" by {fresh.imported_by}" if fresh.imported_by else ""
    return f"{through}, imported {moment(fresh.imported_at, zone, today=today)}{importer}"


def _change_text(now: Money, earlier: Money, compared_with: str) -> tuple[str, Direction]:
    change = _rounded(now - earlier)
    if change.minor == 0:
        return f"unchanged {compared_with}", "off"
    sign = "+" if change.minor > 0 else ""
    return f"{sign}{money(change)} {compared_with}", "up" if change.minor > 0 else "down"


def _rounded(amount: Money) -> Money:
    """Round to whole units: the large value is without cents, the help text has them."""
    return Money.of(round(amount.amount), amount.currency)


def _escaped(amount: Money) -> str:
    return money(amount).replace("$", r"\$")
