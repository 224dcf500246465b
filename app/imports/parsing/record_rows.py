"""Convert a mapped sheet of records around donors to rows ready for staging."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pandas as pd

from app.imports.parsing import contacts, records
from app.imports.parsing.characters import refuse_texts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.conventions import date_order
from app.imports.parsing.records import TypedRows
from app.imports.parsing.related import details, of_donors, of_gifts
from app.imports.values import arrays
from app.imports.values.arrays import coded
from app.imports.values.problems import Problem
from app.kit.dates.cadence import Frequency

# of a contact whose time of day the file does not say
_NOON = time(12)
_CLOCKS = ("%H:%M", "%H:%M:%S", "%H.%M", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p")


def typed_rows(kind: str, sheet: Sheet) -> TypedRows:
    """Return the typed rows of a file of one of these kinds.

    Raises:
        UndecidedError: the user must choose the date order.
    """
    refuse_texts(sheet)
    return MAKERS[kind](sheet)


def _contacts(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("contacted_at",))
    at = _moments(sheet, "contacted_at", order)
    sheet.require("contacted_at", at, Problem("date_missing"))
    kind = sheet.choice("contact_kind", "contact_kind")
    sheet.require("contact_kind", kind, Problem("contact_kind_missing"))
    columns = {
        **_donor(sheet),
        "contact_kind": kind,
        "contacted_at": at,
        "person_email": _user(sheet, "logged_by"),
        "contact_text": sheet.text("contact_text"),
    }
    _require_donor(sheet, columns)
    natural = [*_donor_cells(sheet), at, kind, columns["contact_text"]]
    identity = records.row_ids(sheet, natural)
    return records.finish("contacts", sheet, identity, columns, order)


def _tasks(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("due_on", "done_on", "repeats_from"))
    title = sheet.text("title")
    sheet.require("title", title, Problem("task_title_missing"))
    due_on = sheet.day("due_on", future=True, order=order)
    columns = {
        **_donor(sheet),
        "title": title.str.replace(r"\s+", " ", regex=True),
        "type": sheet.choice("type", "task_type"),
        "note": sheet.text("note"),
        "priority": records.within(sheet, "priority", 1, 3),
        "due_on": due_on,
        "due_at": _time_of_day(sheet, "due_at", due_on),
        **_repetition(sheet, due_on, order),
        "person_email": _user(sheet, "assignee_email"),
        "done_on": sheet.day("done_on", future=False, order=order),
    }
    natural = [*_donor_cells(sheet), title, columns["due_on"], columns["person_email"]]
    return records.finish("tasks", sheet, records.row_ids(sheet, natural), columns, order)


def _consents(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("given_on",))
    given_on = sheet.day("given_on", future=False, order=order)
    sheet.require("given_on", given_on, Problem("date_missing"))
    channel = sheet.choice("channel", "consent_channel")
    sheet.require("channel", channel, Problem("channel_missing"))
    granted = sheet.flag("granted")
    sheet.require("granted", granted, Problem("consent_missing"))
    purpose = sheet.choice("purpose", "consent_purpose").fillna("everything")
    columns = {
        **_donor(sheet),
        "channel": channel,
        "purpose": purpose,
        "granted": granted,
        "consent_source": sheet.text("consent_source").fillna("Imported file"),
        "given_on": given_on,
        "person_email": _user(sheet, "recorded_by"),
    }
    _require_donor(sheet, columns)
    natural = [*_donor_cells(sheet), channel, purpose, given_on]
    return records.finish("consents", sheet, records.row_ids(sheet, natural), columns, order)


def _requests(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("asked_on", "answered_on"))
    words = sheet.text("request_text")
    sheet.require("request_text", words, Problem("request_missing"))
    asked = sheet.day("asked_on", future=False, order=order)
    sheet.require("asked_on", asked, Problem("date_missing"))
    answered = sheet.day("answered_on", future=False, order=order)
    answer = sheet.text("answer")
    both = answered.notna() & asked.notna()
    too_early = arrays.positions(both & (answered.where(both) < asked.where(both)))
    sheet.refuse(too_early, "answered_on", Problem("answered_too_early"))
    dayless = arrays.positions(answer.notna() & answered.isna())
    sheet.refuse(dayless, "answered_on", Problem("answer_without_day"))
    columns = {
        **_donor(sheet),
        "request_text": words,
        "asked_on": asked,
        "answered_on": answered,
        "answer": answer,
        "person_email": _user(sheet, "noted_by"),
    }
    _require_donor(sheet, columns)
    natural = [*_donor_cells(sheet), words, asked]
    return records.finish("requests", sheet, records.row_ids(sheet, natural), columns, order)


MAKERS: Mapping[str, Callable[[Sheet], TypedRows]] = {
    "contacts": _contacts,
    "tasks": _tasks,
    "consents": _consents,
    "requests": _requests,
    "campaigns": of_gifts.campaigns,
    "tags": of_donors.tags,
    "emails": details.emails,
    "phones": details.phones,
    "addresses": details.addresses,
    "households": of_donors.households,
    "relations": of_donors.relations,
    "soft-credits": of_gifts.soft_credits,
    "pledge-pauses": of_gifts.pauses,
    "pledge-versions": of_gifts.versions,
}


def _repetition(sheet: Sheet, days: pd.Series, order: str) -> dict[str, pd.Series]:
    """Return how often tasks repeat and from which day, by default their own; both need a day."""
    repeats = sheet.choice("repeats", "frequency")
    repeats = repeats.where(repeats != Frequency.ONCE, None)
    without_day = arrays.positions(repeats.notna() & days.isna())
    sheet.refuse(without_day, "repeats", Problem("repeats_without_day"))
    start = sheet.day("repeats_from", future=True, order=order)
    return {
        "repeats": repeats,
        "repeats_from": start.where(start.notna(), days).where(repeats.notna(), None),
    }


def _time_of_day(sheet: Sheet, name: str, days: pd.Series) -> pd.Series:
    """Return times of the day as "14:30", missing where blank; a time needs a day."""
    codes, words = coded(sheet.raw(name))
    times = [_clock(word) for word in words]
    pairs = zip(words, times, strict=True)
    unread = [
        Problem("not_a_time", {"text": word}) if word and not at else None for word, at in pairs
    ]
    sheet.refuse_codes(name, codes, unread)
    column = arrays.taken(arrays.text(times), codes)
    without_day = arrays.positions(column.notna() & days.isna())
    sheet.refuse(without_day, name, lambda at: Problem("time_without_day", {"text": column[at]}))
    return column


def _clock(word: str) -> str | None:
    """Return a time of the day as "14:30"; None for any other cell."""
    for pattern in _CLOCKS:
        try:
            return f"{datetime.strptime(word.strip().upper(), pattern):%H:%M}"  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _moments(sheet: Sheet, name: str, order: str) -> pd.Series:
    """Return moments as ISO texts in UTC, missing where blank.

    A date without a time is noon, a time without a zone is the organisation's.
    """
    zone = ZoneInfo(sheet.options.time_zone)
    days = sheet.day(name, future=False, order=order)
    codes, words = coded(sheet.raw(name))
    stamps = arrays.taken(arrays.text([_stamp(word, zone) for word in words]), codes)
    noons = {day: _in_utc(datetime.combine(day, _NOON, zone)) for day in _distinct(days)}
    at_noon = arrays.text([None if day is None else noons[day] for day in _as_list(days)])
    return stamps.where(days.notna(), None).fillna(at_noon)


def _stamp(word: str, zone: ZoneInfo) -> str | None:
    """Return the moment of a time stamp in ISO 8601; None for any other cell."""
    if ":" not in word:
        return None
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return _in_utc(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _as_list(days: pd.Series) -> list[date | None]:
    return [None if pd.isna(day) else day for day in days.tolist()]


def _distinct(days: pd.Series) -> set[date]:
    return {day for day in _as_list(days) if day is not None}


def _donor(sheet: Sheet) -> dict[str, pd.Series]:
    return {
        "donor_ext": sheet.ident("donor_external_id"),
        "email": contacts.emails(sheet)["email"].str.lower(),
    }


def _donor_cells(sheet: Sheet) -> list[pd.Series]:
    return [sheet.raw(name) for name in ("donor_external_id", "email")]


def _require_donor(sheet: Sheet, columns: Mapping[str, pd.Series]) -> None:
    field = "donor_external_id" if "donor_external_id" in sheet else "email"
    donor = columns["donor_ext"].fillna(columns["email"])
    sheet.require(field, donor, Problem("donor_missing"))


def _user(sheet: Sheet, name: str) -> pd.Series:
    """Return the e-mails of users in lower case."""
    return sheet.text(name).str.lower()
