"""Filters of a screen in its URL: stable values, and a sentence about one that does not exist.

The URL decides when the screen opens and after Back or Forward; from then on the fields do, and
the URL follows them. A default is not in the URL. URLs of earlier versions had the labels of the
choices instead of their values: these are understood and replaced.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.ui.base.formats import day_pattern, escape, join_names

_SCREEN = "url_filters_screen"
_LONGEST = 40
# more digits than any id has
_TOO_LONG_ID = 19


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: its label, its name in the URL, and its options by value with their labels."""

    label: str
    key: str
    options: Mapping[str, str]
    # the value without the filter in the URL; None: all
    default: str | None = None
    several: bool = False


class UrlFilters:
    """The filters of one run of a screen; after them, `show_refused` names the unknown values."""

    def __init__(self) -> None:
        """Read the URL if this run opens the screen; from then on the fields decide."""
        self._refused: dict[str, list[str]] = {}
        self._opened = _opens_screen()

    def choice(
        self,
        chosen: Filter,
        *,
        width: int | Literal["stretch"] = "stretch",
        placeholder: str | None = None,
        help: str | None = None,  # noqa: A002 - Streamlit's name
    ) -> str | None:
        """Draw a select box; without a default, nothing chosen is None and means all."""
        self.seed(chosen)
        st.selectbox(
            chosen.label,
            list(chosen.options),
            index=0 if chosen.default is not None else None,
            key=chosen.key,
            format_func=lambda option: chosen.options[option],
            placeholder=placeholder,
            help=help,
            width=width,
        )
        return self._stored(chosen)

    def segments(self, chosen: Filter, *, visible_label: bool = True) -> str:
        """Draw a row of choices, of which one is always chosen; needs a default."""
        self.seed(chosen)
        st.segmented_control(
            chosen.label,
            list(chosen.options),
            required=True,
            key=chosen.key,
            format_func=lambda option: chosen.options[option],
            label_visibility="visible" if visible_label else "collapsed",
        )
        return self._stored(chosen) or next(iter(chosen.options))

    def several(
        self, chosen: Filter, *, width: int | Literal["stretch"], placeholder: str = "All"
    ) -> tuple[str, ...]:
        """Draw a filter with several values; no value means all."""
        self.seed(chosen)
        st.multiselect(
            chosen.label,
            list(chosen.options),
            key=chosen.key,
            format_func=lambda option: chosen.options[option],
            placeholder=placeholder,
            width=width,
        )
        self.store(chosen)
        return tuple(_values(chosen))

    def text(
        self,
        label: str,
        *,
        key: str,
        width: int | Literal["stretch"] = "stretch",
        placeholder: str | None = None,
        icon: str | None = None,
        visible_label: bool = True,
        help: str | None = None,  # noqa: A002 - Streamlit's name
        search: bool = False,
    ) -> str:
        """Draw a text field; a search field answers while the user types."""
        if key not in st.session_state or self._opened:
            st.session_state[key] = st.query_params.get(key, "")
        st.text_input(
            label,
            key=key,
            type="search" if search else "default",
            live=search,
            width=width,
            placeholder=placeholder,
            icon=icon,
            help=help,
            label_visibility="visible" if visible_label else "collapsed",
        )
        text: str = st.session_state[key] or ""
        _write(key, [text] if text else [])
        return text

    def hidden_text(self, key: str) -> str:
        """Return a text that is set elsewhere, such as in a dialog, and follow it in the URL."""
        if key not in st.session_state or self._opened:
            st.session_state[key] = st.query_params.get(key, "")
        text: str = st.session_state[key] or ""
        _write(key, [text] if text else [])
        return text

    def day(self, label: str, *, key: str, width: int) -> date | None:
        """Draw a date field; in the URL its value is as 2026-11-23."""
        written = st.query_params.get(key, "")
        if key not in st.session_state or self._opened:
            st.session_state[key] = _day(written)
        st.date_input(label, None, key=key, width=width, format=day_pattern())
        chosen: date | None = st.session_state[key]
        if chosen is None and written and _day(written) is None:
            self._refused[label] = [written]
        else:
            _write(key, [chosen.isoformat()] if chosen else [])
        return chosen

    def refuse_unknown(self, chosen: Filter) -> None:
        """Note unknown values of a filter in the URL that is not drawn."""
        _, unknown = _read(chosen, st.query_params.get_all(chosen.key))
        if unknown:
            self._refused[chosen.label] = unknown

    def seed(self, chosen: Filter) -> None:
        """Set the value of a filter that is drawn later: from the URL, or as it was."""
        written = st.query_params.get_all(chosen.key)
        values, unknown = _read(chosen, written)
        if chosen.key not in st.session_state or self._opened:
            _set(chosen, values)
        kept = [value for value in _values(chosen) if value in chosen.options]
        if kept != _values(chosen):
            # the choice is gone, for example a fund that was merged into another
            _set(chosen, kept)
        elif unknown and kept == _or_default(chosen, values):
            self._refused[chosen.label] = unknown

    def show_refused(self) -> None:
        """Say in one sentence which values of the URL do not exist."""
        if not self._refused:
            return
        parts = [
            f"{label} {join_names([_shown(value) for value in values], len(values))}"
            for label, values in self._refused.items()
        ]
        names = escape(join_names(parts, len(parts)))
        st.caption(
            f":material/warning: The address asks for something that is not there: {names}. "
            "It is left out."
        )

    def _stored(self, chosen: Filter) -> str | None:
        self.store(chosen)
        return chosen_value(chosen)

    def store(self, chosen: Filter) -> None:
        """Write a changed value to the URL; a URL with unknown values stays until then."""
        if chosen.label in self._refused:
            return
        _write(chosen.key, _values(chosen) if is_set(chosen) else [])


def record_id(text: str) -> int | None:
    """Return the id that a text of the URL means, or None if it cannot be one."""
    is_number = text.isascii() and text.isdigit() and len(text) < _TOO_LONG_ID
    return int(text) if is_number else None


def is_set(chosen: Filter) -> bool:
    """Return whether a filter that was seeded or drawn has another value than its default."""
    return _values(chosen) != _or_default(chosen, [])


def chosen_value(chosen: Filter) -> str | None:
    """Return the value of a filter that was seeded or drawn."""
    return next(iter(_values(chosen)), None)


def show_chips(filters: Sequence[Filter], *, key: str, notes: Mapping[str, str]) -> None:
    """Draw a word for each filter that is set; a click removes it.

    `notes` has more about a filter by its name in the URL.
    """
    active = [chosen for chosen in filters if is_set(chosen)]
    if not active:
        return
    with st.container(horizontal=True, gap="xsmall", key=key):
        for chosen in active:
            names = [chosen.options[value] for value in _values(chosen)]
            note = f" {notes[chosen.key]}" if chosen.key in notes else ""
            st.button(
                f"{chosen.label}: {escape(join_names(names, len(names)) + note)}",
                icon=":material/close:",
                icon_position="right",
                help="Remove this filter",
                key=f"remove_{chosen.key}",
                on_click=clear,
                args=(chosen,),
            )


def clear(chosen: Filter) -> None:
    """Remove a filter; call it before the filter is drawn."""
    _set(chosen, [])


def labelled(options: Sequence[str], label_of: Callable[[str], str]) -> dict[str, str]:
    """Return options with their labels."""
    return {option: label_of(option) for option in options}


def _read(chosen: Filter, written: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the options that texts of the URL mean, and the texts that mean none."""
    by_label = {label.casefold(): option for option, label in chosen.options.items()}
    values: list[str] = []
    unknown: list[str] = []
    for text in written if chosen.several else written[-1:]:
        option = text if text in chosen.options else by_label.get(text.casefold())
        if option is None:
            unknown += [text] if text else []
        elif option not in values:
            values.append(option)
    return values, unknown


def _or_default(chosen: Filter, values: list[str]) -> list[str]:
    return values or ([] if chosen.default is None else [chosen.default])


def _values(chosen: Filter) -> list[str]:
    value = st.session_state.get(chosen.key)
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _set(chosen: Filter, values: list[str]) -> None:
    values = _or_default(chosen, values)
    st.session_state[chosen.key] = values if chosen.several else next(iter(values), None)


def _opens_screen() -> bool:
    """Return whether this run opens the screen, or Back or Forward led to it.

    The fields of the screen before can still be in the session, under the same names.
    """
    context = get_script_run_ctx()
    if context is None:
        return True
    before, now = st.session_state.get(_SCREEN), context.page_script_hash
    st.session_state[_SCREEN] = now
    return context.is_history_navigation or before != now


def _write(key: str, texts: list[str]) -> None:
    """Write the values of a field to the URL, unless it has them."""
    if texts == st.query_params.get_all(key):
        return
    if texts:
        st.query_params[key] = texts
    else:
        del st.query_params[key]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(text: str) -> str:
    return f"“{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}”"
