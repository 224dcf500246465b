"""Tables, links to screens, and placeholders for empty tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar

import pyarrow as pa
import streamlit as st
from babel.numbers import get_currency_symbol
from pandas import DataFrame, Series
from pandas.io.formats.style import Styler
from streamlit.elements.lib.column_types import ColumnConfig

from app.kit import formatting
from app.kit.money import Money, exponent
from app.ui.base import formats
from app.ui.base.formats import escape, plain
from app.ui.base.screens import screen
from app.ui.base.session import current_actor

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: title, function of a row's value, and display configuration."""

    title: str
    value: Callable[[Any], Any]
    config: Callable[[Sequence[Any], date], ColumnConfig | None]
    # hidden from users who may not see amounts
    amounts: bool = False
    # the text of a value that the browser can only write in English; it sorts by the value
    text: Callable[[Any], str] | None = None


def money(title: str, value: Callable[[Any], Money | None], *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of amounts, right-aligned with the currency's decimals.

    Amounts of one currency sort as numbers, however the user's locale writes them.
    """

    def config(values: Sequence[Any], _today: date) -> ColumnConfig:
        currencies = {amount.currency for amount in values if amount is not None}
        currency = min(currencies, default="USD")
        if len(currencies) > 1:
            return st.column_config.TextColumn(title, alignment="right", help=help)
        return st.column_config.NumberColumn(title, format=_money_shape(currency), help=help)

    return Column(title, value, config, amounts=True, text=formats.money_exact)


def _money_shape(currency: str) -> str | None:
    """Return the browser's format of an amount, or None where it has none for the locale."""
    locale = formats.locale()
    if not formatting.has_english_amounts(locale):
        return None
    symbol = get_currency_symbol(currency, locale=locale)
    # the format "dollar" puts the minus before the sign
    return "dollar" if symbol == "$" else f"{symbol}%,.{exponent(currency)}f"


def days(title: str, value: Callable[[Any], date | None]) -> Column:
    """Return a column of dates such as "22 Nov", with the year if any is not this year's.

    In other languages than English days are in digits: "22.11.2026".
    """

    def config(values: Sequence[Any], today: date) -> ColumnConfig:
        dates = [day for day in values if day is not None]
        this_year = all(day.year == today.year for day in dates)
        shape = "D MMM" if this_year else "D MMM YYYY"
        if not formatting.is_english(formats.locale()):
            shape = formats.day_pattern()
        return st.column_config.DateColumn(title, format=shape)

    return Column(title, value, config)


def text(
    title: str,
    value: Callable[[Any], str | None],
    *,
    width: int | Literal["small", "medium", "large"] | None = None,
) -> Column:
    """Return a column of text; text from users is escaped."""
    return Column(
        title,
        lambda row: plain(value(row)),
        lambda _values, _today: st.column_config.TextColumn(title, width=width),
    )


def number(title: str, value: Callable[[Any], int | None]) -> Column:
    """Return a column of whole numbers, right-aligned."""

    def config(_values: Sequence[Any], _today: date) -> ColumnConfig:
        english = formatting.has_english_amounts(formats.locale())
        return st.column_config.NumberColumn(title, format="%,d" if english else None)

    return Column(title, value, config, text=formats.number)


def bars(title: str, value: Callable[[Any], Sequence[float]]) -> Column:
    """Return a column of small bar charts that start at zero."""
    return Column(
        title,
        lambda row: list(value(row)),
        lambda _values, _today: st.column_config.BarChartColumn(title, y_min=0, width=110),
        amounts=True,
    )


def checkbox(title: str, value: Callable[[Any], bool]) -> Column:
    """Return a column of read-only checkboxes."""
    return Column(
        title, value, lambda _values, _today: st.column_config.CheckboxColumn(title, width="small")
    )


def name(title: str, value: Callable[[Any], str]) -> Column:
    """Return a column of names that open the donor, if `show` gets the argument `opens`.

    The name gets the suffix "(anonymous)" if the row has a true attribute `anonymous`.
    """

    def label(row: object) -> str:
        suffix = " (anonymous)" if getattr(row, "anonymous", False) else ""
        return f"{plain(value(row))}{suffix}"

    return Column(title, label, lambda _values, _today: None)


def show(
    rows: Sequence[Any],
    columns: Sequence[Column],
    *,
    key: str,
    today: date,
    opens: Callable[[Any], int | None] | None = None,
    height: Literal["auto", "content", "stretch"] = "auto",
    alt: str | None = None,
    wide: int = 205,
    select: bool = False,
) -> None:
    """Draw a table; a click in a column made with `name` opens the donor id from `opens`.

    `wide` is the width of the name column in pixels; with `select` each row can be `ticked`.
    """
    sees = current_actor().sees_amounts
    frame, configs = _table(
        rows, [column for column in columns if sees or not column.amounts], today
    )
    button = st.column_config.ButtonColumn(
        type="tertiary", alignment="left", key=f"{key}_open", pinned=True, width=wide
    )
    config = {title: column_config or button for title, column_config in configs.items()}
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        key=key,
        height=height,
        alt=alt,
        placeholder="",
        on_select="rerun" if select else "ignore",
        selection_mode="multi-row",
    )
    click = st.session_state.get(f"{key}_open")
    if click is not None and opens is not None:
        donor_id = opens(rows[click["row"]])
        if donor_id is not None:
            open_donor(donor_id)


def ticked(key: str, rows: Sequence[R]) -> list[R]:
    """Return the rows that are ticked in the table of this key, as it was drawn last."""
    state = st.session_state.get(key)
    places = state["selection"]["rows"] if state is not None else []
    return [rows[place] for place in places if place < len(rows)]


@cache
def screen_page(file: str) -> st.Page:
    """Return the page of a screen for links, by its file: "donor" or "pages/donor.py"."""
    target = screen(file)
    return st.Page(
        target.path, title=target.title, url_path=target.url_path, default=target.url_path == ""
    )


def open_donor(donor_id: int) -> None:
    """Switch to the donor's screen."""
    st.switch_page(screen_page("donor"), query_params={"id": str(donor_id)})


def show_donor_link(donor_id: int, label: str, *, icon: str | None = None) -> None:
    """Draw the donor's name as a link to the donor's screen."""
    st.page_link(
        screen_page("donor"),
        label=f"**{escape(label)}**",
        icon=icon,
        query_params={"id": str(donor_id)},
    )


def show_empty(
    icon: str,
    sentence: str,
    *,
    action: str | None = None,
    opens: str | None = None,
    on_click: Callable[[], None] | None = None,
    guide: str | None = None,
) -> None:
    """Draw a placeholder for an empty list, with an optional first action.

    `opens` is the file of a screen to link to ("import_file"); `on_click` is a callback; `guide`
    is a part of the guide to link to ("gifts").
    """
    with st.container(horizontal_alignment="center", gap="small"):
        st.markdown(f":gray[:material/{icon}: {sentence}]", text_alignment="center")
        if action and opens:
            # offer no link to a screen that the role may not open
            if screen(opens).open_to(current_actor()):
                st.page_link(screen_page(opens), label=action, icon=":material/arrow_forward:")
        elif action:
            st.button(action, on_click=on_click, key=f"nothing_{icon}_{action}")
        if guide:
            st.page_link(
                screen_page("help"),
                label="How it works",
                icon=":material/help:",
                query_params={"part": guide},
            )


def _table(
    rows: Sequence[Any], columns: Sequence[Column], today: date
) -> tuple[pa.Table | Styler, dict[str, ColumnConfig | None]]:
    values: Mapping[str, list[Any]] = {
        column.title: [column.value(row) for row in rows] for column in columns
    }
    config = {column.title: column.config(values[column.title], today) for column in columns}
    cells = {title: _cells(column_values) for title, column_values in values.items()}
    texts = {
        column.title: _texts(cells[column.title], values[column.title], column.text)
        for column in columns
        if column.text is not None
    }
    if texts and not formatting.has_english_amounts(formats.locale()):
        return _styled(cells, texts), config
    # Streamlit sends Arrow tables to the browser; a DataFrame would be converted first
    return pa.table(cells), config


def _texts(
    cells: Sequence[Any], values: Sequence[Any], text: Callable[[Any], str]
) -> dict[object, str]:
    """Return the text of each cell; one that is a text already keeps it."""
    return {
        cell: cell if isinstance(cell, str) else text(value)
        for cell, value in zip(cells, values, strict=True)
        if value is not None
    }


def _styled(cells: Mapping[str, list[Any]], texts: Mapping[str, Mapping[object, str]]) -> Styler:
    """Return a table whose cells show a text and sort by their value."""
    frame = DataFrame({title: Series(column, dtype=object) for title, column in cells.items()})
    styled = frame.style.format(na_rep="")
    for title, by_cell in texts.items():
        styled = styled.format(by_cell.__getitem__, subset=[title], na_rep="")
    return styled


def _cells(values: list[Any]) -> list[Any]:
    currencies = {value.currency for value in values if isinstance(value, Money)}
    if len(currencies) > 1:
        return ["" if value is None else _with_code(value) for value in values]
    return [_cell(value) for value in values]


def _with_code(amount: Money) -> str:
    number_text = formats.number(amount.amount, decimals=exponent(amount.currency))
    return f"{number_text} {amount.currency}"


def _cell(value: object) -> object:
    if isinstance(value, Money):
        return float(value.amount)
    return float(value) if isinstance(value, Decimal) else value
