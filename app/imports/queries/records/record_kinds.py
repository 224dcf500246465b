"""What the SQL of contacts, tasks, consents and requests differs in: staged and stored columns."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind: its table, its staged columns and how they are stored.

    Attributes:
        table: the table of the stored records.
        shape: staged column → type, beside the ids and the donor.
        values: stored column → SQL of its value from a staged row `s`.
        user: the stored column that names a user.
        updates: stored column → SQL of its new value from a row `s` and the stored record `k`,
            which keeps what the row leaves empty; {} where a file changes no stored record.
        shown: name of a field → SQL of its value in a row `s`, and of that in the record `k`.
        differs: name of a field → SQL for whether the row `s` and the stored record `k` differ.
        donor_optional: whether a record may be about no donor.
        versioned: whether the table has an optimistic lock.
    """

    table: str
    shape: Mapping[str, str]
    values: Mapping[str, str]
    user: str
    shown: Mapping[str, tuple[str, str]]
    differs: Mapping[str, str]
    updates: Mapping[str, str]
    donor_optional: bool = False
    versioned: bool = False


def stored_text(column: str) -> str:
    """Return SQL for a stored text as in a file: normalised line ends, no outer white space."""
    plain = f"replace(replace({column}, e'\\r\\n', e'\\n'), e'\\r', e'\\n')"
    return f"nullif(regexp_replace({plain}, '^\\s+|\\s+$', '', 'g'), '')"


def _filled(staged: str, stored: str) -> str:
    """Return SQL for whether a filled cell differs; an empty cell changes nothing."""
    return f"s.{staged} is not null and s.{staged} is distinct from {stored}"


def _minute(column: str) -> str:
    """Return SQL for a moment as "2026-11-23 09:30" in the organisation's time zone."""
    zone = "coalesce((select time_zone from organisation), 'UTC')"
    return f"to_char({column} at time zone {zone}, 'YYYY-MM-DD HH24\\:MI')"


def _clock(column: str) -> str:
    """Return SQL for a time of day as "14:30"."""
    return f"to_char({column}, 'HH24\\:MI')"


# an exported moment has no fractions of a second
_AT = "s.contacted_at <> date_trunc('second', k.at)"
_DONE = _filled("done_on", "k.done_at::date")
_PLAIN_OF_TASK = ("type", "note", "priority", "due_on", "due_at", "repeats", "repeats_from")
RECORD_KINDS: Mapping[str, RecordKind] = {
    "contacts": RecordKind(
        table="contact_log",
        shape={"contact_kind": "text", "contacted_at": "timestamptz", "contact_text": "text"},
        values={"kind": "s.contact_kind", "at": "s.contacted_at", "text": "s.contact_text"},
        user="by_id",
        updates={
            "kind": "s.contact_kind",
            "at": f"case when {_AT} then s.contacted_at else k.at end",
            "text": "coalesce(s.contact_text, k.text)",
        },
        shown={
            "kind": ("s.contact_kind", "k.kind"),
            "date": (_minute("s.contacted_at"), _minute("k.at")),
            "text": ("s.contact_text", "k.text"),
        },
        differs={
            "kind": "s.contact_kind <> k.kind",
            "date": _AT,
            "text": _filled("contact_text", stored_text("k.text")),
        },
    ),
    "tasks": RecordKind(
        table="task",
        shape={
            "title": "text",
            "type": "text",
            "note": "text",
            "priority": "bigint",
            "due_on": "date",
            "due_at": "time",
            "repeats": "text",
            "repeats_from": "date",
            "done_on": "date",
        },
        values={
            "title": "s.title",
            "type": "coalesce(s.type, 'call')",
            "note": "s.note",
            "priority": "coalesce(s.priority, 2)",
            "due_on": "s.due_on",
            "due_at": "s.due_at",
            "repeats": "s.repeats",
            "repeats_from": "s.repeats_from",
            "done_at": "s.done_on::timestamptz",
        },
        user="assignee_id",
        updates={
            "title": "s.title",
            **{name: f"coalesce(s.{name}, k.{name})" for name in _PLAIN_OF_TASK},
            "done_at": f"case when {_DONE} then s.done_on::timestamptz else k.done_at end",
        },
        shown={
            "title": ("s.title", "k.title"),
            "type": ("s.type", "k.type"),
            "note": ("s.note", "k.note"),
            "priority": ("s.priority", "k.priority"),
            "due": ("s.due_on", "k.due_on"),
            "time": (_clock("s.due_at"), _clock("k.due_at")),
            "repeats": ("s.repeats", "k.repeats"),
            "repeats from": ("s.repeats_from", "k.repeats_from"),
            "done": ("s.done_on", "k.done_at::date"),
        },
        differs={
            "title": "s.title <> regexp_replace(btrim(k.title), '\\s+', ' ', 'g')",
            "type": _filled("type", "k.type"),
            "note": _filled("note", stored_text("k.note")),
            "priority": _filled("priority", "k.priority"),
            "due": _filled("due_on", "k.due_on"),
            "time": _filled("due_at", "k.due_at"),
            "repeats": _filled("repeats", "k.repeats"),
            "repeats from": _filled("repeats_from", "k.repeats_from"),
            "done": _DONE,
        },
        donor_optional=True,
        versioned=True,
    ),
    "consents": RecordKind(
        table="donor_consent",
        shape={
            "channel": "text",
            "purpose": "text",
            "granted": "boolean",
            "consent_source": "text",
            "given_on": "date",
        },
        values={
            "channel": "s.channel",
            "purpose": "s.purpose",
            "granted": "s.granted",
            "source": "s.consent_source",
            "given_on": "s.given_on",
        },
        user="recorded_by",
        updates={},
        shown={
            "channel": ("s.channel", "k.channel"),
            "purpose": ("s.purpose", "k.purpose"),
            "granted": ("s.granted", "k.granted"),
            "date": ("s.given_on", "k.given_on"),
        },
        differs={
            "channel": "s.channel <> k.channel",
            "purpose": "s.purpose <> k.purpose",
            "granted": "s.granted <> k.granted",
            "date": "s.given_on <> k.given_on",
        },
    ),
    "requests": RecordKind(
        table="care_request",
        shape={
            "request_text": "text",
            "asked_on": "date",
            "answered_on": "date",
            "answer": "text",
        },
        values={
            "text": "s.request_text",
            "asked_on": "s.asked_on",
            "answered_on": "s.answered_on",
            "answer": "s.answer",
        },
        user="created_by",
        updates={
            "text": "s.request_text",
            "asked_on": "s.asked_on",
            "answered_on": "coalesce(s.answered_on, k.answered_on)",
            "answer": "coalesce(s.answer, k.answer)",
        },
        shown={
            "request": ("s.request_text", "k.text"),
            "asked": ("s.asked_on", "k.asked_on"),
            "answered": ("s.answered_on", "k.answered_on"),
            "answer": ("s.answer", "k.answer"),
        },
        differs={
            "request": f"s.request_text <> {stored_text('k.text')}",
            "asked": "s.asked_on <> k.asked_on",
            "answered": _filled("answered_on", "k.answered_on"),
            "answer": _filled("answer", stored_text("k.answer")),
        },
        versioned=True,
    ),
}
# of the table as staged: the donor, and the user whom the row names
REFERENCES = {
    "donor_ext": "text",
    "donor_own": "bigint",
    "email": "text",
    "person_email": "text",
    # read by `lookups.joins`; such files name no funds and pledges
    **dict.fromkeys(("fund_ext", "fund", "pledge_ext"), "text"),
    **dict.fromkeys(("fund_own", "pledge_own"), "bigint"),
}
WORKING = {"donor_id": "bigint", "person_id": "bigint"}
