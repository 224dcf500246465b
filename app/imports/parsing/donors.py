"""Parse the columns that describe a donor: names, contacts, flags, fields of their own."""

import json
from collections.abc import Mapping

import pandas as pd

from app.donors import CustomField, canonical_value
from app.imports.parsing import contact_details, contacts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.donor_names import read_names
from app.imports.values import arrays, choices, dates
from app.imports.values.fields import CUSTOM_PREFIX
from app.imports.values.problems import Problem
from app.kit import custom_fields
from app.kit.errors import InvalidError
from app.kit.names import fold

_PLAIN = ("salutation", "envelope_name", "owner_email", "notes")


def columns(sheet: Sheet) -> dict[str, pd.Series]:
    """Return a donor's staged columns by name; refuse rows without any name."""
    donors = {name: sheet.text(name) for name in _PLAIN}
    donors["status"] = sheet.choice("status", "donor_status")
    donors |= contacts.emails(sheet) | contacts.phones(sheet) | contacts.address(sheet)
    donors |= read_names(sheet, donors["email"])
    for flag in ("no_email", "no_phone", "no_mail", "deceased", "anonymous"):
        donors[flag] = sheet.flag(flag)
    donors |= contact_details.preferences(sheet)
    donors["contact_details"] = contact_details.contact_details(sheet)
    donors["tags"] = sheet.text("tags").str.replace(r"\s*[;|]\s*", "\n", regex=True)
    donors["custom"] = _custom_fields(sheet, donors.pop("employer"))
    return donors


def _custom_fields(sheet: Sheet, employer: pd.Series) -> pd.Series:
    """Return the organisation's custom fields as JSON, from single columns or a JSON column."""
    headers = {
        custom_fields.name_of(column.removeprefix(CUSTOM_PREFIX)): column
        for column in sheet.columns
        if column.startswith(CUSTOM_PREFIX)
    }
    columns = {name: sheet.text(column) for name, column in headers.items()}
    if employer.notna().any():
        columns.setdefault(custom_fields.name_of(sheet.header("name")), employer)
    if not columns and "custom" not in sheet:
        return arrays.missing(sheet.table.height)
    fields: list[dict[str, str]] = [{} for _ in range(sheet.table.height)]
    for position, cell in enumerate(sheet.raw("custom")):
        if cell:
            fields[position] = _from_json(sheet, position, cell)
    for name, column in columns.items():
        for position, value in enumerate(arrays.listed(column)):
            if value and name:
                fields[position][name] = fold(value)
    defined = {field.name.lower(): field for field in sheet.options.custom_fields}
    for position, values in enumerate(fields):
        if values:
            fields[position] = _checked(sheet, position, values, headers, defined)
    return arrays.text(
        json.dumps(values, ensure_ascii=False) if values else None for values in fields
    )


def _checked(
    sheet: Sheet,
    position: int,
    values: dict[str, str],
    headers: Mapping[str, str],
    defined: Mapping[str, CustomField],
) -> dict[str, str]:
    """Return the fields that a donor may have, as they are stored; the others are left empty."""
    valid: dict[str, str] = {}
    for name, value in values.items():
        try:
            field = defined.get(name.lower())
            stored = {name: value} if field is None else {field.name: _stored(sheet, field, value)}
            valid = custom_fields.checked(valid | stored)
        except InvalidError as error:
            invalid = Problem("custom_field_invalid", {"message": str(error)})
            sheet.leave_empty([position], headers.get(name, "custom"), invalid)
    return valid


def _stored(sheet: Sheet, field: CustomField, value: str) -> str:
    """Return a value of a defined field as it is stored, also from notations of files.

    A date counts whatever its order if it is a day in only one of them.

    Raises:
        InvalidError: the value is not of the field's type.
    """
    options = sheet.options
    if field.type == "date":
        orders = (options.date_order,) if options.date_order else dates.ORDERS
        reads = (dates.read_day(value, each, this_year=options.today.year) for each in orders)
        days = {read.day for read in reads if read.day is not None}
        value = days.pop().isoformat() if len(days) == 1 else value
    elif field.type == "yes-no":
        value = choices.choose("flag", value) or value
    mark = {"point": ".", "comma": ","}.get(options.decimal or "")
    return canonical_value(field, value, mark=mark)


def _from_json(sheet: Sheet, position: int, cell: str) -> dict[str, str]:
    try:
        values = json.loads(cell)
    except ValueError:
        values = None
    if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
        return values
    sheet.leave_empty([position], "custom", Problem("custom_fields_unreadable"))
    return {}
