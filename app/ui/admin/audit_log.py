"""Audit log on a screen: filters stored in the URL, and entries with changed values."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from app.accounts import UserLine
from app.audit import ActivityFilter, ActivityLine
from app.ui.base.formats import escape, initial, moment, plain

ANYBODY, NOBODY, ANYTHING = "anybody", "0", "anything"
LONGEST = 200
MOST_DIGITS = 18


def ask(people: list[UserLine], entities: list[str], zone: str) -> ActivityFilter:
    """Draw the filters and return the chosen filter; without URL parameters it matches all."""
    names = {ANYBODY: "Anybody", NOBODY: "DonorCRM itself"}
    known = Counter(one.name for one in people)
    names |= {
        # the URL contains the label, so equal names need the e-mail to be distinct
        str(one.user_id): plain(one.name if known[one.name] == 1 else f"{one.name}, {one.email}")
        for one in people
    }
    kinds = {ANYTHING: "Anything"} | {one: _spelled(one) for one in entities}
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom", gap="small"):
        who = st.selectbox(
            "Who",
            list(names),
            format_func=names.__getitem__,
            key="who",
            bind="query-params",
            width=190,
        )
        kind = st.selectbox(
            "About",
            list(kinds),
            format_func=kinds.__getitem__,
            key="about",
            bind="query-params",
            width=150,
        )
        number = st.text_input(
            "Number",
            key="record",
            bind="query-params",
            width=110,
            placeholder="Any",
            help="The number of a donor, gift, pledge, import or person",
        )
        first = st.date_input("From", None, key="from", bind="query-params", width=140)
        last = st.date_input("Until", None, key="until", bind="query-params", width=140)
    return chosen(who, kind, number, first, last, zone=zone)


def chosen(
    who: str | None,
    kind: str | None,
    number: str | None,
    first: date | None,
    last: date | None,
    *,
    zone: str,
) -> ActivityFilter:
    """Return a filter from the URL parameters; both dates are inclusive, in time zone `zone`."""
    digits = (number or "").strip().removeprefix("#")
    known = digits.isascii() and digits.isdigit() and len(digits) < MOST_DIGITS
    return ActivityFilter(
        actor_id=int(who) if who and who.isdigit() else None,
        entity=None if kind in {None, ANYTHING} else kind,
        # text that is not a number matches nothing, rather than everything
        record=int(digits) if known else (-1 if digits else None),
        start=_midnight(first, zone) if first else None,
        end=_midnight(last + timedelta(days=1), zone) if last else None,
    )


def entry(line: ActivityLine, zone: str, *, today: date) -> None:
    """Draw one entry: action, user and time, then each changed field."""
    number = f" {line.entity_id}" if line.entity_id else ""
    about = initial(_spelled(line.entity)) + number
    if line.donor_id and line.entity != "donor":
        about += f" of donor {line.donor_id}"
    place = f" · from {escape(line.address)}" if line.address else ""
    changes = "".join(f"  \n{one}" for one in differences(line.before, line.after))
    st.markdown(
        f"**{escape(line.sentence)}**  \n:gray[{escape(about)} · {escape(line.who)} "
        f"{moment(line.at, zone, today=today)}{place}]{changes}"
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return a text for every changed field: “Name: “Ann” became “Anna””."""
    told = []
    for field in [*before, *(name for name in after if name not in before)]:
        old, new = _value(before.get(field)), _value(after.get(field))
        name = escape(initial(_spelled(field)))
        if old and new:
            told.append(f"{name}: {old} became {new}")
        elif new:
            told.append(f"{name}: {new}")
        elif old:
            told.append(f"{name}: {old} was taken away")
    return told


def _value(value: Any) -> str:
    """Return a JSON value as text; null, an empty text and an empty list give ""."""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, dict):
        parts = [
            f"{escape(_spelled(name))} {one}" for name, of in value.items() if (one := _value(of))
        ]
        return ", ".join(parts)
    if isinstance(value, list):
        return ", ".join(one for of in value if (one := _value(of)))
    if value is None or value == "":
        return ""
    words = str(value)
    short = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
    return f"“{escape(short)}”" if isinstance(value, str) else escape(short)


def _spelled(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
