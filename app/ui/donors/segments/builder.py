"""Fields to set conditions with: groups of rows, each a field, a comparison and a value."""

from collections.abc import Mapping
from datetime import date
from itertools import count as counter

import streamlit as st

from app import donors
from app.db import Session
from app.kit import amount_input
from app.kit.dates.days import EARLIEST, LATEST
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.ui.base.formats import day_pattern, money_plain, plain, typed_number
from app.ui.base.session import current_actor

STATE = "conditions"
_GROUPS, _FIELDS, _CURRENCY = f"{STATE}_groups", f"{STATE}_fields", f"{STATE}_currency"
_ROWS = counter(1)
_YES_NO = {"yes": "Yes", "no": "No"}
Fields = Mapping[str, donors.ConditionField]


def start(db: Session, where: str, *, currency: str) -> None:
    """Prepare the fields for conditions given as text; call it when the dialog is asked for.

    Conditions that cannot be read are left out: the page has said so.
    """
    fields = {field.key: field for field in donors.condition_fields(db, current_actor())}
    st.session_state[_FIELDS] = fields
    st.session_state[_CURRENCY] = currency
    try:
        rule = donors.parse_rule(where)
    except InvalidError:
        rule = ()
    st.session_state[_GROUPS] = [
        [_add_row(each, fields, currency) for each in group if each.field in fields]
        for group in rule
    ] or [[_new_row(fields)]]


def _new_row(fields: Fields) -> int:
    first = next(iter(fields.values()))
    return _add_row(donors.Condition(first.key, donors.OPERATORS[first.kind][0]), fields, "")


def _add_row(condition: donors.Condition, fields: Fields, currency: str) -> int:
    row, field = next(_ROWS), fields[condition.field]
    st.session_state[_key(row, "field")] = condition.field
    st.session_state[_key(row, "operator")] = condition.operator
    st.session_state[_key(row, _value_name(field, condition.operator))] = _widget_value(
        condition, field, currency
    )
    return row


def _key(row: int, part: str) -> str:
    return f"{STATE}_{row}_{part}"


def _value_name(field: donors.ConditionField, operator: str) -> str:
    """Return the name of the value's widget: one of its own for each kind of input."""
    kind = "days" if operator in donors.IN_DAYS else field.kind.value
    return f"{field.key}_{kind}" if field.kind == donors.Kind.CHOICE else kind


def _widget_value(
    condition: donors.Condition, field: donors.ConditionField, currency: str
) -> object:
    values = condition.values
    if field.kind == donors.Kind.CHOICE:
        return [value for value in field.present(values) if value in field.choices]
    value = values[0] if values else ""
    try:
        if condition.operator in donors.IN_DAYS:
            return int(value or "30")
        if field.kind == donors.Kind.DAY:
            return date.fromisoformat(value) if value else None
        if field.kind == donors.Kind.MONEY and value:
            return money_plain(Money.of(value, currency))
    except (ValueError, InvalidError):
        # the address has no such value: it is asked for again
        return None if field.kind == donors.Kind.DAY else value
    return value


def draw() -> None:
    """Draw the groups of conditions with the buttons that add and remove them."""
    groups: list[list[int]] = st.session_state[_GROUPS]
    for number, group in enumerate(groups):
        if number:
            st.markdown("**or**")
        with st.container(border=True, gap="small", key=f"{STATE}_group_{number}"):
            for position, row in enumerate(group):
                if position:
                    st.caption("and")
                _draw_row(row, group)
            st.button(
                "And",
                icon=":material/add:",
                key=f"{STATE}_and_{number}",
                help="Add a condition that must hold as well",
                on_click=lambda group=group: group.append(_new_row(st.session_state[_FIELDS])),
            )
    st.button(
        "Or",
        icon=":material/add:",
        key=f"{STATE}_or",
        help="Add other conditions: a donor who meets those is found as well",
        on_click=lambda: groups.append([_new_row(st.session_state[_FIELDS])]),
    )


def _draw_row(row: int, group: list[int]) -> None:
    fields: Fields = st.session_state[_FIELDS]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Field",
            list(fields),
            key=_key(row, "field"),
            format_func=lambda key: plain(fields[key].label),
            label_visibility="collapsed",
            width=230,
        )
        field = fields[st.session_state[_key(row, "field")]]
        operators = donors.OPERATORS[field.kind]
        if st.session_state.get(_key(row, "operator")) not in operators:
            st.session_state[_key(row, "operator")] = operators[0]
        st.selectbox(
            "Comparison",
            operators,
            key=_key(row, "operator"),
            label_visibility="collapsed",
            width=150,
        )
        _draw_value(row, field, st.session_state[_key(row, "operator")])
        st.button(
            "Remove",
            icon=":material/close:",
            key=_key(row, "remove"),
            help="Remove this condition",
            type="tertiary",
            on_click=_remove,
            args=(row, group),
        )


def _remove(row: int, group: list[int]) -> None:
    group.remove(row)
    groups: list[list[int]] = st.session_state[_GROUPS]
    kept = [each for each in groups if each]
    groups[:] = kept or [[_new_row(st.session_state[_FIELDS])]]


def _draw_value(row: int, field: donors.ConditionField, operator: str) -> None:
    key = _key(row, _value_name(field, operator))
    if operator in donors.WITHOUT_VALUE:
        return
    if field.kind == donors.Kind.CHOICE:
        st.multiselect(
            "Value",
            list(field.choices),
            key=key,
            format_func=lambda value: plain(field.choices[value]),
            placeholder="Choose",
            label_visibility="collapsed",
            width=260,
        )
    elif field.kind == donors.Kind.DAY:
        _draw_day(key, operator)
    elif field.kind == donors.Kind.YES_NO:
        st.session_state[key] = st.session_state.get(key) or "yes"
        st.segmented_control(
            "Value",
            list(_YES_NO),
            required=True,
            key=key,
            format_func=_YES_NO.__getitem__,
            label_visibility="collapsed",
        )
    else:
        st.session_state.setdefault(key, "")
        placeholder = {donors.Kind.MONEY: st.session_state[_CURRENCY]}.get(field.kind, "")
        st.text_input(
            "Value", key=key, placeholder=placeholder, label_visibility="collapsed", width=160
        )


def _draw_day(key: str, operator: str) -> None:
    if operator in donors.IN_DAYS:
        st.session_state.setdefault(key, 30)
        st.number_input("Days", 1, 36_500, key=key, label_visibility="collapsed", width=130)
        st.markdown("days")
        return
    st.session_state.setdefault(key, None)
    st.date_input(
        "Day",
        None,
        min_value=EARLIEST,
        max_value=LATEST,
        key=key,
        format=day_pattern(),
        label_visibility="collapsed",
        width=160,
    )


def where() -> str:
    """Return the conditions that the fields have now, as text.

    Raises:
        InvalidError: an amount or a number cannot be read. Missing values are for the check.
    """
    groups: list[list[int]] = st.session_state[_GROUPS]
    return donors.encode_rule(tuple(tuple(_condition(row) for row in group) for group in groups))


def _condition(row: int) -> donors.Condition:
    field = st.session_state[_FIELDS][st.session_state[_key(row, "field")]]
    operator = st.session_state[_key(row, "operator")]
    value = st.session_state.get(_key(row, _value_name(field, operator)))
    return donors.Condition(field.key, operator, _texts(field, operator, value))


def _texts(field: donors.ConditionField, operator: str, value: object) -> tuple[str, ...]:
    if operator in donors.WITHOUT_VALUE or value is None:
        return ()
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, date):
        return (value.isoformat(),)
    typed = str(value).strip()
    if not typed:
        return ()
    if field.kind == donors.Kind.MONEY:
        currency, locale = st.session_state[_CURRENCY], current_actor().locale
        return (str(amount_input.amount(typed, currency, locale=locale)),)
    return (typed_number(typed) if field.kind == donors.Kind.NUMBER else typed,)
