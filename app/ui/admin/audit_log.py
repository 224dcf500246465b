"""Audit log on a screen: filters stored in the URL, and entries with changed values."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from app import audit
from app.accounts import UserLine
from app.audit import ActivityFilter, ActivityLine
from app.ui.base.formats import escape, initial, moment, plain
from app.ui.widgets.url_filters import Filter, UrlFilters, record_id

ANYBODY, NOBODY, ANYTHING = "anybody", "0", "anything"
MAX_LENGTH = 200


def ask_filter(people: list[UserLine], entities: list[str], zone: str) -> ActivityFilter:
    """Draw the filters and return the chosen filter; without URL parameters it matches all."""
    actor_labels = {ANYBODY: "Anybody", NOBODY: "DonorCRM itself"}
    same_name = Counter(person.name for person in people)
    actor_labels |= {
        str(person.user_id): plain(
            person.name if same_name[person.name] == 1 else f"{person.name}, {person.email}"
        )
        for person in people
    }
    entity_labels = {ANYTHING: "Anything"} | {entity: _label(entity) for entity in entities}
    if audit.SIGN_IN in entities:
        entity_labels |= {audit.SIGN_IN: "sign-ins", audit.FAILED_SIGN_IN: "failed sign-ins"}
    filters = UrlFilters()
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom", gap="small"):
        actor = filters.choice(Filter("Who", "who", actor_labels, ANYBODY), width=190)
        entity = filters.choice(Filter("About", "about", entity_labels, ANYTHING), width=150)
        number = filters.text(
            "Number",
            key="record",
            width=110,
            placeholder="Any",
            help="The number of a donor, gift, pledge, import or person",
        )
        first = filters.day("From", key="from", width=140)
        last = filters.day("Until", key="until", width=140)
    filters.show_refused()
    return parse_filter(actor, entity, number, first, last, zone=zone)


def parse_filter(
    actor: str | None,
    entity: str | None,
    number: str | None,
    first: date | None,
    last: date | None,
    *,
    zone: str,
) -> ActivityFilter:
    """Return a filter from the URL parameters; both dates are inclusive, in time zone `zone`."""
    entity = None if entity == ANYTHING else entity
    # a filter of the menu may be one action of an entity: "sign_in.failed"
    action = entity if entity and "." in entity else None
    digits = (number or "").strip().removeprefix("#")
    return ActivityFilter(
        actor_id=record_id(actor or ""),
        entity=entity.partition(".")[0] if entity else None,
        action=action,
        # text that is not a number matches nothing, rather than everything
        record=(record_id(digits) or -1) if digits else None,
        start=_midnight(first, zone) if first else None,
        end=_midnight(last + timedelta(days=1), zone) if last else None,
    )


def show_entry(line: ActivityLine, zone: str, *, today: date) -> None:
    """Draw one entry: action, user and time, then each changed field."""
    number = f" {line.entity_id}" if line.entity_id else ""
    about = initial(_label(line.entity)) + number
    if line.donor_id and line.entity != "donor":
        about += f" of donor {line.donor_id}"
    origin = f" · from {escape(line.address)}" if line.address else ""
    changes = "".join(f"  \n{change}" for change in differences(line.before, line.after))
    st.markdown(
        f"**{escape(line.sentence)}**  \n:gray[{escape(about)} · {escape(line.who)} "
        f"{moment(line.at, zone, today=today)}{origin}]{changes}"
    )


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Return a text for every changed field: “Name: “Ann” became “Anna””."""
    texts = []
    for field in [*before, *(name for name in after if name not in before)]:
        old, new = _value_text(before.get(field)), _value_text(after.get(field))
        name = escape(initial(_label(field)))
        if old and new:
            texts.append(f"{name}: {old} became {new}")
        elif new:
            texts.append(f"{name}: {new}")
        elif old:
            texts.append(f"{name}: {old} was taken away")
    return texts


def _value_text(value: object) -> str:
    """Return a JSON value as text; null, an empty text and an empty list give ""."""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, dict):
        parts = [
            f"{escape(_label(name))} {part_text}"
            for name, part in value.items()
            if (part_text := _value_text(part))
        ]
        return ", ".join(parts)
    if isinstance(value, list):
        return ", ".join(part_text for part in value if (part_text := _value_text(part)))
    if value is None or value == "":
        return ""
    text = str(value)
    short = text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
    return f"“{escape(short)}”" if isinstance(value, str) else escape(short)


def _label(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
