"""The filter of a list to the rows of one import, stored in the URL and drawn as a chip."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import streamlit as st

from app import imports
from app.accounts import IMPORT_ROWS
from app.db import transaction
from app.kit.errors import NotFoundError
from app.ui.base.formats import day, escape
from app.ui.base.session import current_actor, today
from app.ui.widgets import tables
from app.ui.widgets.url_filters import Filter, UrlFilters, record_id

_IMPORT, _ROWS, _ALL = "import", "rows", "all"
_LABELS = {_ALL: "New and changed", "new": "New", "changed": "Changed"}
_KEY = "import_filter_rows"


@dataclass(frozen=True, slots=True)
class ImportFilter:
    """The chosen import, and which of its rows: new, changed, or None for both."""

    import_id: int | None = None
    rows: str | None = None


def show_link(screen: str, label: str, *, import_id: int, rows: str) -> None:
    """Draw a link to the list of a screen that shows the "new" or "changed" rows of an import."""
    st.page_link(
        tables.screen_page(screen),
        label=label,
        icon=":material/arrow_forward:",
        query_params={_IMPORT: str(import_id), _ROWS: rows},
    )


def ask(filters: UrlFilters) -> ImportFilter:
    """Draw the chip of the import that the URL names, if any; return the filter."""
    import_id = _import_id()
    if import_id is None:
        filters.refuse_unknown(Filter("Import", _IMPORT, {}))
        return ImportFilter()
    filters.refuse_unknown(Filter("Rows of the import", _ROWS, _LABELS))
    rows = st.query_params.get(_ROWS)
    with st.container(horizontal=True, vertical_alignment="center", key="import_filter"):
        st.button(
            _title(_run(import_id)),
            icon=":material/close:",
            icon_position="right",
            help="Remove this filter",
            on_click=_remove,
            key="import_filter_remove",
        )
        # the URL decides, also after the browser's Back button
        st.session_state[_KEY] = rows if rows in IMPORT_ROWS else _ALL
        st.segmented_control(
            "Which rows of the import",
            list(_LABELS),
            format_func=_LABELS.__getitem__,
            key=_KEY,
            required=True,
            on_change=_choose_rows,
            label_visibility="collapsed",
        )
    return ImportFilter(import_id, rows if rows in IMPORT_ROWS else None)


def show_empty(chosen: ImportFilter, noun: str) -> None:
    """Say why no row of an import is shown; `noun` is "gift"."""
    run = None if chosen.import_id is None else _run(chosen.import_id)
    if run is None:
        sentence = f"This import is not one of yours, so no {noun} of it is shown."
    elif run.state == "undone":
        sentence = f"This import was undone, so no {noun} of it is left."
    else:
        deed = {"new": "added", "changed": "changed", None: "added or changed"}[chosen.rows]
        sentence = f"This import {deed} no {noun} that passes the filters and that you may see."
    tables.show_empty("filter_alt_off", f"{sentence} Remove the filter to see all {noun}s.")


def _import_id() -> int | None:
    return record_id(st.query_params.get(_IMPORT, ""))


def _run(import_id: int) -> imports.Run | None:
    """Return the import, or None if the actor may not see it."""
    try:
        with transaction(current_actor()) as db:
            return imports.get(db, current_actor(), run_id=import_id)
    except NotFoundError:
        return None


def _title(run: imports.Run | None) -> str:
    if run is None:
        return "From an import"
    at = (run.committed_at or run.created_at).astimezone(ZoneInfo(current_actor().time_zone))
    when = day(at.date(), today=today())
    return f"From import {escape(run.file_name)}, {when}"


def _remove() -> None:
    st.query_params.pop(_IMPORT, None)
    st.query_params.pop(_ROWS, None)


def _choose_rows() -> None:
    rows = st.session_state[_KEY]
    if rows == _ALL:
        st.query_params.pop(_ROWS, None)
    else:
        st.query_params[_ROWS] = rows
