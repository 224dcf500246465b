"""Parse the rows of e-mails, phones and addresses with their types and their validity."""

from datetime import date

import numpy as np
import pandas as pd

from app.imports.parsing import contacts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.conventions import date_order
from app.imports.parsing.records import TypedRows
from app.imports.parsing.related import shared_cells as cells
from app.imports.values import arrays
from app.imports.values.arrays import coded, is_true, positions
from app.imports.values.problems import Problem
from app.imports.values.records import countries

_DONOR = ("donor_external_id", "email")
_SEASON = ("season_from", "season_to")
# of a season, which has a 29 February
_LEAP_YEAR = 2000


def emails(sheet: Sheet) -> TypedRows:
    """Return the e-mails of donors, one a row."""
    email = contacts.first_emails(sheet, "email")
    sheet.require("email", email, Problem("email_missing"))
    donor = cells.donor(sheet, "donor_email")
    columns = {**donor, "value": email, **_use(sheet, "contact_type")}
    cells.require_donor(sheet, columns, "donor_email")
    return cells.finish("emails", sheet, columns, ("donor_external_id", "donor_email", "email"))


def phones(sheet: Sheet) -> TypedRows:
    """Return the phones of donors, one a row."""
    phone = contacts.phones(sheet)["phone"]
    sheet.require("phone", phone, Problem("phone_missing"))
    columns = {**cells.donor(sheet), "value": phone, **_use(sheet, "contact_type")}
    cells.require_donor(sheet, columns)
    return cells.finish("phones", sheet, columns, (*_DONOR, "phone"))


def addresses(sheet: Sheet) -> TypedRows:
    """Return the addresses of donors, one a row."""
    order = date_order(sheet, ("valid_from", "valid_to"))
    address = contacts.address(sheet)
    filled = np.logical_or.reduce([is_true(part.notna()) for part in address.values()])
    sheet.refuse(np.flatnonzero(~filled & ~sheet.bad), "street", Problem("address_missing"))
    _note_countries(sheet)
    first = sheet.day("valid_from", future=True, order=order)
    last = sheet.day("valid_to", future=True, order=order)
    cells.check_days(sheet, first, last, "valid_to")
    columns = {
        **cells.donor(sheet),
        **address,
        **_use(sheet, "address_type"),
        **{name: _season_day(sheet, name) for name in _SEASON},
        "valid_from": first,
        "valid_to": last,
    }
    columns["type"] = _checked_type(sheet, columns)
    cells.require_donor(sheet, columns)
    return cells.finish("addresses", sheet, columns, (*_DONOR, *contacts.ADDRESS), order)


def _use(sheet: Sheet, types: str) -> dict[str, pd.Series]:
    return {
        "type": sheet.choice("type", types),
        "is_primary": sheet.flag("primary"),
        "do_not_use": sheet.flag("do_not_use"),
    }


def _note_countries(sheet: Sheet) -> None:
    codes, words = coded(sheet.cells("country"))
    unknown = [i for i, word in enumerate(words) if word and not countries.is_known(word)]
    sheet.note(
        positions(np.isin(codes, unknown) & ~sheet.bad),
        "country",
        lambda index: Problem("country_unknown", {"text": words[codes[index]]}),
    )


def _season_day(sheet: Sheet, name: str) -> pd.Series:
    """Return month and day as "11-01"; a cell that cannot be read refuses its row."""
    codes, words = coded(sheet.raw(name))
    days = [_month_day(word) for word in words]
    problems = [
        Problem("season_unreadable", {"text": word}) if word and day is None else None
        for word, day in zip(words, days, strict=True)
    ]
    sheet.refuse_codes(name, codes, problems)
    return arrays.taken(arrays.text(days), codes)


def _month_day(word: str) -> str | None:
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{word}")
    except ValueError:
        return None
    return f"{day:%m-%d}"


def _checked_type(sheet: Sheet, columns: dict[str, pd.Series]) -> pd.Series:
    """Return the types; an address with a season and no type is seasonal."""
    first, last = (is_true(columns[name].notna()) for name in _SEASON)
    kind = arrays.where(is_true(columns["type"].isna()) & first, "seasonal", columns["type"])
    seasonal = is_true(kind == "seasonal")
    ok = ~sheet.bad
    incomplete = positions(((seasonal & ~(first & last)) | (first != last)) & ok)
    sheet.refuse(incomplete, "season_from", Problem("season_incomplete"))
    unwanted = positions(~seasonal & first & last & ok)
    sheet.refuse(unwanted, "season_from", Problem("season_unwanted"))
    return kind
