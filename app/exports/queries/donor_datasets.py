"""Export files of what belongs to donors: contacts, consents, tags, households, tasks and more."""

from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, day, ident, moment, number, typed, yes_or_no
from app.exports.queries.current_contacts import current
from app.exports.queries.dataset_kind import (
    DONOR_COLUMNS,
    Kind,
    identifying_column,
    name_column,
)

CONTACTS = Kind(
    "contacts",
    "contact",
    "Calls, meetings, letters, texts, e-mails and notes, with who logged them.",
    "forum",
    {
        "id": ident("c.id"),
        **DONOR_COLUMNS,
        "contact_kind": Column("c.kind"),
        "contacted_at": moment("c.at"),
        "logged_by": Column("u.email"),
        "contact_text": identifying_column("c.text"),
    },
    "contact_log c join donor on donor.id = c.donor_id left join app_user u on u.id = c.by_id"
    " where {scope}",
    "c.id",
)
CONSENTS = Kind(
    "consents",
    "consent",
    "Who agreed or refused to be contacted, how, what for and since when.",
    "verified_user",
    {
        "id": ident("c.id"),
        **DONOR_COLUMNS,
        "channel": Column("c.channel"),
        "purpose": Column("c.purpose"),
        "granted": yes_or_no("c.granted"),
        "consent_source": identifying_column("c.source"),
        "given_on": day("c.given_on"),
        "recorded_by": Column("u.email"),
    },
    "donor_consent c join donor on donor.id = c.donor_id"
    " left join app_user u on u.id = c.recorded_by where {scope}",
    "c.id",
)
TAGS = Kind(
    "tags",
    "tag",
    "Which donor has which tag, one a line, and the tags that no donor has.",
    "label",
    {**DONOR_COLUMNS, "tag": typed("t.name")},
    "tag t left join donor_tag k on k.tag_id = t.id left join donor on donor.id = k.donor_id"
    " where t.merged_into_id is null and case when k.donor_id is null then true else {scope} end",
    "donor.id, t.id",
)


def _of_household(name: str) -> Column:
    return typed(f"case when not ({{hidden}} or {{hidden_household}}) then h.{name} end")


HOUSEHOLDS = Kind(
    "households",
    "household member",
    "Who belongs to which household.",
    "family_home",
    {
        "household_id": ident("h.id"),
        # a household's name contains the names of its members
        "household_name": typed(
            f"case when {{hidden}} or {{hidden_household}} then '{ANONYMOUS}' else h.name end"
        ),
        **DONOR_COLUMNS,
        "donor_email": identifying_column(current("email")),
        "status": Column("donor.status"),
        "head": yes_or_no("donor.household_head"),
        "household_salutation": _of_household("salutation"),
        "household_envelope_name": _of_household("envelope_name"),
    },
    "donor join donor h on h.id = donor.household_id"
    " where {scope} and h.id in (select donor.id from donor where {scope})",
    "h.id, donor.id",
)
TASKS = Kind(
    "tasks",
    "task",
    "What is to be done for whom, by when, and what is done.",
    "task_alt",
    {
        "id": ident("t.id"),
        "donor_id": ident("donor.id"),
        "donor_name": name_column("donor.name"),
        "type": Column("t.type"),
        "title": typed(
            "case when {hidden} then replace(t.title, donor.name, "
            f"'{ANONYMOUS}') else t.title end"
        ),
        "note": identifying_column("t.note"),
        "priority": number("t.priority"),
        "due_on": day("t.due_on"),
        "due_at": Column("to_char(t.due_at, 'HH24:MI')"),
        "repeats": Column("t.repeats"),
        "repeats_from": day("t.repeats_from"),
        "assignee_email": Column("u.email"),
        "done_on": day("t.done_at::date"),
    },
    "task t left join donor on donor.id = t.donor_id join app_user u on u.id = t.assignee_id"
    " where case when t.donor_id is null then {mine} else {scope} end",
    "t.id",
)
REQUESTS = Kind(
    "requests",
    "request",
    "What donors ask to be remembered for, and how it was answered.",
    "volunteer_activism",
    {
        "id": ident("r.id"),
        **DONOR_COLUMNS,
        "request_text": identifying_column("r.text"),
        "asked_on": day("r.asked_on"),
        "answered_on": day("r.answered_on"),
        "answer": identifying_column("r.answer"),
        "noted_by": Column("u.email"),
    },
    "care_request r join donor on donor.id = r.donor_id"
    " left join app_user u on u.id = r.created_by where {scope}",
    "r.id",
)
