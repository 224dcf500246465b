"""Custom fields of a donor: their values on the page, and an input for each in the form."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import streamlit as st

from app import donors
from app.db import transaction
from app.kit import custom_fields as lines
from app.kit.errors import InvalidError
from app.ui.base.formats import day, decimal, escape, plain, separators, typed_number
from app.ui.base.session import current_actor
from app.ui.widgets import forms
from app.ui.widgets.url_filters import Filter, UrlFilters, chosen_value, labelled

OTHERS = "Other fields"
_ASKED = "custom_asked"
_YES_NO = ("true", "false")
_LISTED = ("choice", "yes-no")
# the names of the filters in the URL: the field, and the value of one with choices
FIELD, VALUE = "field", "choice"


def show_values(fields: Sequence[donors.CustomField], more: str, *, today: date) -> None:
    """Draw a donor's values: the defined fields in their order, then the others."""
    values = _values(more)
    shown = [
        (field.name, _display(field, values.pop(field.name), today))
        for field in fields
        if field.name in values
    ]
    shown += values.items()
    st.markdown("  \n".join(f":gray[{escape(name)}:] {escape(value)}" for name, value in shown))


def _display(field: donors.CustomField, value: str, today: date) -> str:
    if field.type == "date" and donors.fits_field(field, value):
        return day(date.fromisoformat(value), today=today)
    if field.type == "number" and donors.fits_field(field, value):
        return decimal(Decimal(value))
    return donors.display_value(field, value)


def _values(more: str | None) -> dict[str, str]:
    pairs = (line.partition(":") for line in (more or "").splitlines())
    return {name: value.strip() for name, _, value in pairs}


def ask(key: str, more: str | None) -> None:
    """Draw an input for each open field, and one for the lines of all other fields.

    A value that does not fit its field any more stays a line.
    """
    with transaction(current_actor()) as db:
        fields = donors.custom_fields(db)
    values = _values(more)
    asked = [
        field
        for field in fields
        if field.open
        and (field.name not in values or donors.fits_field(field, values[field.name]))
    ]
    st.session_state[f"{key}_{_ASKED}"] = asked
    cells = forms.cells()
    for field in asked:
        with next(cells):
            _ask_one(key, field, values.pop(field.name, None))
    st.text_area(
        OTHERS,
        lines.as_lines(values) or "",
        key=f"{key}_more",
        height=90,
        placeholder="Birthday: 1 May",
        help="One a line: its name, a colon, what it says.",
    )


def _ask_one(key: str, field: donors.CustomField, value: str | None) -> None:
    name, label = f"custom_{field.field_id}", plain(field.name)
    if field.type == "date":
        forms.day(label, key, name, date.fromisoformat(value) if value else None)
    elif field.type in _LISTED:
        forms.choice(
            label,
            key,
            name,
            _YES_NO if field.type == "yes-no" else field.choices,
            value=value,
            format_func=lambda option: plain(donors.display_value(field, option)),
            empty="–",
        )
    else:
        is_number = field.type == "number"
        # without groups, as it is typed
        written = (value or "").replace(".", separators()[0]) if is_number else value
        placeholder = f"1234{separators()[0]}5" if is_number else ""
        forms.text(label, key, name, written, placeholder=placeholder)


def filters_of(filters: UrlFilters, fields: Sequence[donors.CustomField]) -> list[Filter]:
    """Return the filter by a custom field, and that of its value if it is one of a list."""
    if not fields:
        return []
    by_name = Filter("Field", FIELD, labelled([field.name for field in fields], plain))
    filters.seed(by_name)
    chosen = chosen_value(by_name)
    field = next((field for field in fields if field.name == chosen), None)
    if field is None or field.type not in _LISTED:
        return [by_name]
    options = _YES_NO if field.type == "yes-no" else field.choices
    values = labelled(options, lambda option: plain(donors.display_value(field, option)))
    return [by_name, Filter("Value", VALUE, values)]


def ask_filter(
    filters: UrlFilters, fields: Sequence[donors.CustomField], drawn: Sequence[Filter]
) -> tuple[str | None, str | None]:
    """Draw the filter by a custom field, if there are any; return (field, value as stored)."""
    if not drawn:
        return None, None
    name = filters.choice(drawn[0], placeholder="Any")
    field = next((field for field in fields if field.name == name), None)
    if field is None:
        for key in (VALUE, "value"):
            st.query_params.pop(key, None)
        return None, None
    if len(drawn) > 1:
        return name, filters.choice(drawn[1], placeholder="Any")
    return name, _ask_written_value(filters, field)


def _ask_written_value(filters: UrlFilters, field: donors.CustomField) -> str | None:
    hint = {"date": "2026-11-23", "number": f"1234{separators()[0]}5"}.get(field.type, "Any")
    written = filters.text("Value", key="value", placeholder=hint)
    if not written.strip():
        return None
    try:
        return donors.canonical_value(field, _typed(field, written))
    except InvalidError as error:
        st.caption(escape(str(error)))
        return written


def entered(key: str, other_lines: str | None) -> str:
    """Return the entered values of all fields as lines, with the lines of the other fields."""
    entered_lines = [other_lines or ""]
    for field in forms.field_value(key, _ASKED, list) or []:
        value = st.session_state.get(f"{key}_custom_{field.field_id}")
        text = value.isoformat() if isinstance(value, date) else str(value or "").strip()
        if text:
            entered_lines.append(f"{field.name}: {_typed(field, text)}")
    return "\n".join(entered_lines)


def _typed(field: donors.CustomField, text: str) -> str:
    return typed_number(text) if field.type == "number" else text
