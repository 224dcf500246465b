"""Tables, links to screens, and placeholders for empty tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

import pyarrow as pa
import streamlit as st
from babel.numbers import get_currency_symbol
from streamlit.elements.lib.column_types import ColumnConfig

from app.kit.money import Money, exponent
from app.ui.base.formats import escape, plain
from app.ui.base.screens import screen
from app.ui.base.session import current_actor


@dataclass(frozen=True, slots=True)
class Column:
    """A column: title, function of a row's value, and display configuration."""

    title: str
    value: Callable[[Any], Any]
    config: Callable[[Sequence[Any], date], ColumnConfig | None]
    # hidden from users who may not see amounts
    amounts: bool = False


def money(title: str, value: Callable[[Any], Money | None], *, help: str | None = None) -> Column:  # noqa: A002
    """Return a column of amounts, right-aligned with the currency's decimals."""

    def config(values: Sequence[Any], _today: date) -> ColumnConfig:
        currencies = {amount.currency for amount in values if amount is not None}
        currency = min(currencies, default="USD")
        if len(currencies) > 1:
            return st.column_config.TextColumn(title, alignment="right", help=help)
        # the format "dollar" puts the minus before the sign
        shape = (
            "dollar"
            if currency == "USD"
            else f"{get_currency_symbol(currency, locale='en_US')}%,.{exponent(currency)}f"
        )
        return st.column_config.NumberColumn(title, format=shape, help=help)

    return Column(title, value, config, amounts=True)


def days(title: str, value: Callable[[Any], date | None]) -> Column:
    """Return a column of dates such as "22 Nov", with the year if any is not this year's."""

    def config(values: Sequence[Any], today: date) -> ColumnConfig:
        dates = [day for day in values if day is not None]
        this_year = all(day.year == today.year for day in dates)
        return st.column_config.DateColumn(title, format="D MMM" if this_year else "D MMM YYYY")

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


def number(title: str, value: Callable[[Any], float | None], shape: str = "%,d") -> Column:
    """Return a column of numbers, right-aligned."""
    return Column(
        title,
        value,
        lambda _values, _today: st.column_config.NumberColumn(title, format=shape),
    )


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
) -> None:
    """Draw a table; a click in a column made with `name` opens the donor id from `opens`.

    `wide` is the width of the name column in pixels.
    """
    sees = current_actor().sees_amounts
    frame, configs = _arrow_table(
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
    )
    click = st.session_state.get(f"{key}_open")
    if click is not None and opens is not None:
        donor_id = opens(rows[click["row"]])
        if donor_id is not None:
            open_donor(donor_id)


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
) -> None:
    """Draw a placeholder for an empty list, with an optional first action.

    `opens` is the file of a screen to link to ("import_file"); `on_click` is a callback.
    """
    with st.container(horizontal_alignment="center", gap="small"):
        st.markdown(f":gray[:material/{icon}: {sentence}]", text_alignment="center")
        if action and opens:
            # offer no link to a screen that the role may not open
            if screen(opens).open_to(current_actor()):
                st.page_link(screen_page(opens), label=action, icon=":material/arrow_forward:")
        elif action:
            st.button(action, on_click=on_click, key=f"nothing_{icon}_{action}")


def _arrow_table(
    rows: Sequence[Any], columns: Sequence[Column], today: date
) -> tuple[pa.Table, dict[str, ColumnConfig | None]]:
    cells: Mapping[str, list[Any]] = {
        column.title: [column.value(row) for row in rows] for column in columns
    }
    config = {column.title: column.config(cells[column.title], today) for column in columns}
    cells_by_title = {title: _cells(values) for title, values in cells.items()}
    # Streamlit sends Arrow tables to the browser; a DataFrame would be converted first
    return pa.table(cells_by_title), config


def _cells(values: list[Any]) -> list[Any]:
    currencies = {value.currency for value in values if isinstance(value, Money)}
    if len(currencies) > 1:
        return ["" if value is None else f"{value.amount:,f} {value.currency}" for value in values]
    return [_cell(value) for value in values]


def _cell(value: object) -> object:
    if isinstance(value, Money):
        return float(value.amount)
    return float(value) if isinstance(value, Decimal) else value
