"""Tables and lists as HTML: every text in them is escaped by the template."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, TypedDict, Unpack

from jinja2 import Environment, FileSystemLoader, Template

from app.kit.money import Money
from app.settings import ROOT
from app.ui.base.formats import one_line
from app.ui.widgets.rows.columns import Column, Kind, Sort

# letters
SHORT = 17
_ASSETS = ROOT / "app" / "ui" / "assets"


class Look(TypedDict, total=False):
    """How a table looks and behaves.

    `sortable`: whether headings sort the rows, which is right only if these are all rows (true
    unless said otherwise). `scrolls`: whether a long table has a height of its own. `alt`: what
    the table is, for screen readers.
    """

    sortable: bool
    scrolls: bool
    alt: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its id, the address its name links to, and what the columns read."""

    id: str
    href: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: its icon, a sentence, an amount, when and by whom, and details.

    An event with an `id` has a button, which presses `press`.
    """

    icon: str
    sentence: str
    amount: str
    when: str
    detail: str
    id: str = ""
    press: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """A line of the to-do list: who, why, the button that completes it, and its menu.

    `button` is empty where nothing may be done; `menu` has names and labels of further buttons.
    """

    id: str
    icon: str
    href: str | None
    name: str
    reason: str
    button: str = ""
    menu: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as the template writes it."""

    text: str
    title: str
    sort: Sort = None
    href: str | None = None
    pressed: str | None = None
    # per cent of the highest bar
    heights: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as the template writes it; `label` is how screen readers tell it from the others."""

    id: str
    label: str
    cells: tuple[_Cell, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading as the template writes it."""

    title: str
    kind: Kind
    help: str | None
    sorts: bool


def html_table(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    today: date,
    ticks: bool = False,
    **look: Unpack[Look],
) -> str:
    """Return the HTML of a table; see `tables.show` for the arguments."""
    by_column = [_cells(rows, column, today) for column in columns]
    kinds = [_kind(cells, column) for column, cells in zip(columns, by_column, strict=True)]
    labels = _labels(columns, by_column, len(rows))
    lines = [
        _Line(row.id, labels[at], tuple(cells[at] for cells in by_column))
        for at, row in enumerate(rows)
    ]
    headings = [
        _Heading(column.title, kind, column.help, sorts=kind not in {"bars", "press"})
        for column, kind in zip(columns, kinds, strict=True)
    ]
    return template("table.html").render(
        key=key,
        rows=lines,
        columns=headings,
        ticks=ticks,
        sortable=look.get("sortable", True) and len(rows) > 1,
        scrolls=look.get("scrolls", False),
        alt=look.get("alt"),
    )


def html_list(lines: Sequence[tuple[str | None, str, str]]) -> str:
    """Return the HTML of a list of links, each with an address, a label and a sentence below."""
    return template("list.html").render(
        lines=[(href, one_line(label), one_line(sentence)) for href, label, sentence in lines]
    )


def html_bars(values: Sequence[tuple[float, str]], *, full: float = 0) -> str:
    """Return the HTML of small bars that start at zero; see `tables.show_bars`."""
    highest = max([full, *(value for value, _ in values)])
    return template("bars.html").render(
        bars=[
            (max(0, round(value * 100 / highest)) if highest > 0 else 0, says)
            for value, says in values
        ]
    )


def html_share(parts: Sequence[tuple[str, float, str]]) -> str:
    """Return the HTML of one bar in parts; see `tables.show_share`."""
    return template("share.html").render(
        parts=[(name, round(share * 100, 2), says) for name, share, says in parts]
    )


def html_events(events: Sequence[Event], *, key: str) -> str:
    """Return the HTML of a list of events; see `tables.show_events`."""
    return template("events.html").render(
        key=key,
        events=[
            replace(event, sentence=one_line(event.sentence), detail=one_line(event.detail))
            for event in events
        ],
    )


def html_to_do(lines: Sequence[ToDo], *, key: str) -> str:
    """Return the HTML of the to-do list; see `tables.show_to_do`."""
    return template("to_do.html").render(
        key=key,
        lines=[
            replace(line, name=one_line(line.name), reason=one_line(line.reason)) for line in lines
        ],
    )


@cache
def template(name: str) -> Template:
    """Return a template of our own HTML, which escapes every value."""
    environment = Environment(loader=FileSystemLoader(_ASSETS), autoescape=True)
    # the framework's sanitizer drops an attribute whose text could end another element
    environment.filters["label"] = lambda text: str(text).replace("<", " ").replace(">", " ")
    return environment.get_template(name)


def _cells(rows: Sequence[Row], column: Column, today: date) -> list[_Cell]:
    values = [column.value(row.value) for row in rows]
    return [
        _Cell(
            text,
            column.title,
            column.sort(value),
            row.href if column.kind == "name" else None,
            column.pressed,
            _heights(value) if column.kind == "bars" else None,
        )
        for row, value, text in zip(rows, values, column.texts(values, today), strict=True)
    ]


def _kind(cells: Sequence[_Cell], column: Column) -> Kind:
    """Return the kind of a column; one of short texts only does not wrap."""
    longest = max((len(cell.text) for cell in cells), default=0)
    return "short" if column.kind == "text" and longest <= SHORT else column.kind


def _heights(amounts: Sequence[Money]) -> tuple[int, ...]:
    highest = max((amount.minor for amount in amounts), default=0)
    return tuple(
        max(0, round(amount.minor * 100 / highest)) if highest > 0 else 0 for amount in amounts
    )


def _labels(
    columns: Sequence[Column], by_column: Sequence[Sequence[_Cell]], number: int
) -> list[str]:
    """Return what tells each row from the others: its name, or its first text."""
    if not columns:
        return [""] * number
    named = next((at for at, column in enumerate(columns) if column.kind == "name"), 0)
    return [cell.text for cell in by_column[named]]
