"""Tables, links to screens, and placeholders for empty tables.

Tables are HTML that the server writes: a browser draws them in a tenth of the time that the
framework's own table takes, their names are links, and screen readers can read them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TypeVar, Unpack

import streamlit as st

from app.ui.base.formats import escape
from app.ui.base.screens import screen
from app.ui.base.session import current_actor
from app.ui.widgets.rows import table_events
from app.ui.widgets.rows.columns import Column, bars, button, days, money, name, number, text
from app.ui.widgets.rows.table_html import (
    Event,
    Look,
    Row,
    ToDo,
    html_bars,
    html_events,
    html_list,
    html_share,
    html_table,
    html_to_do,
)

__all__ = [
    "Column",
    "Event",
    "ToDo",
    "bars",
    "button",
    "days",
    "donor_address",
    "money",
    "name",
    "number",
    "open_donor",
    "screen_page",
    "show",
    "show_bars",
    "show_donor_link",
    "show_empty",
    "show_events",
    "show_list",
    "show_share",
    "show_to_do",
    "text",
    "ticked",
]

R = TypeVar("R")


def show(
    rows: Sequence[R],
    columns: Sequence[Column],
    *,
    key: str,
    today: date,
    opens: Callable[[R], int | None] | None = None,
    identify: Callable[[R], int] | None = None,
    select: bool = False,
    on_press: Mapping[str, Callable[[str], None]] | None = None,
    **look: Unpack[Look],
) -> None:
    """Draw a table; a name of a column made with `name` links to the donor id from `opens`.

    Args:
        rows: the rows in their order.
        columns: what they show; amounts are left out for users who may not see any.
        key: the name of the table, unique on its screen.
        today: the user's day, beside which days are written.
        opens: the donor of a row, or None.
        identify: the id of a row, by which it is ticked and its buttons are pressed.
        select: whether each row can be `ticked`; needs `identify`.
        on_press: what a button does, by its name, to the row of an id; needs `identify`. The
            button of a row that is not shown any more does nothing.
        look: see `Look`.
    """
    sees = current_actor().sees_amounts
    visible = [column for column in columns if sees or not column.amounts]
    by_id = {str(identify(row) if identify else at): row for at, row in enumerate(rows)}
    lines = [
        Row(row_id, None if opens is None else donor_address(opens(row)), row)
        for row_id, row in by_id.items()
    ]
    drawn = html_table(lines, visible, key=key, today=today, ticks=select, **look)
    st.html(drawn)
    if select or on_press:
        table_events.listen(key, frozenset(by_id), on_press or {}, drawn=drawn)


def donor_address(donor_id: int | None) -> str | None:
    """Return where the screen of a donor is, from any other screen; None without a donor."""
    return None if donor_id is None else f"donor?id={donor_id}"


def show_list(lines: Sequence[tuple[int, str, str]]) -> None:
    """Draw donors below each other: the donor's id, the name as a link, and a sentence."""
    listed = [(donor_address(donor_id), label, sentence) for donor_id, label, sentence in lines]
    st.html(html_list(listed))


def show_bars(values: Sequence[tuple[float, str]], *, full: float = 0) -> None:
    """Draw small bars that start at zero, each with what it says; `full` is the full height."""
    st.html(html_bars(values, full=full))


def show_share(parts: Sequence[tuple[str, float, str]]) -> None:
    """Draw parts of a whole as one bar: the name of each, its share (0..1), and what it says."""
    st.html(html_share(parts))


def show_events(
    events: Sequence[Event], *, key: str, on_press: Mapping[str, Callable[[str], None]]
) -> None:
    """Draw what happened, below each other.

    `on_press` says what a button does, by its name, to the event of an id.
    """
    st.html(html_events(events, key=key))
    table_events.listen(key, frozenset(event.id for event in events if event.id), on_press)


def show_to_do(
    lines: Sequence[ToDo], *, key: str, on_press: Mapping[str, Callable[[str], None]]
) -> None:
    """Draw what is to be done, each line with its button and a menu of further actions.

    `on_press` says what a button does, by its name, to the line of an id; the name of the line's
    own button is "do".
    """
    st.html(html_to_do(lines, key=key))
    if on_press:
        table_events.listen(key, frozenset(line.id for line in lines), on_press)


def ticked(key: str, rows: Sequence[R], identify: Callable[[R], int]) -> list[R]:
    """Return the rows that are ticked in the table of this key, as it was drawn last."""
    ids = table_events.ticked(key)
    return [row for row in rows if str(identify(row)) in ids]


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
