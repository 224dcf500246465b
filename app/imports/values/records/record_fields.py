"""Importable fields of the records around donors: contacts, tasks, consents, requests, others."""

from app.imports.values.records import related_fields
from app.imports.values.records.field import Field, make

KINDS = ("contacts", "tasks", "consents", "requests", *related_fields.KINDS)
_DONOR = (
    make("donor_external_id", "Donor id", "id", "donor_id contact_id constituent_id entity_id"),
    make("email", "E-mail", words="donor_email email_address"),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "contacts": (
        make("external_id", "Id of the contact", "id", "id activity_id interaction_id"),
        *_DONOR,
        make("contact_kind", "Kind of contact", "choice:contact_kind", "kind type activity_type"),
        make("contacted_at", "Date of the contact", "date", "date contacted_on activity_date"),
        make("logged_by", "Logged by (e-mail)", words="user fundraiser assigned_to"),
        make("contact_text", "What was said", words="text note notes details description subject"),
    ),
    "tasks": (
        make("external_id", "Id of the task", "id", "id task_id"),
        *_DONOR,
        make("title", "What to do", words="task subject name"),
        make("type", "Kind of task", "choice:task_type", "kind task_type"),
        make("note", "Note", words="notes description details comments"),
        make("priority", "Priority", "number"),
        make("due_on", "Due on", "day", "due due_date"),
        make("due_at", "Time", words="time due_time time_of_day"),
        make("repeats", "Repeats", "choice:frequency", "repeat recurrence frequency"),
        make("repeats_from", "Repeats from", "day", "repeat_from recurrence_start"),
        make("assignee_email", "Assigned to (e-mail)", words="assignee assigned_to"),
        make("done_on", "Done on", "date", "done completed completed_date"),
    ),
    "consents": (
        make("external_id", "Id of the consent", "id", "id consent_id"),
        *_DONOR,
        make("channel", "Channel", "choice:consent_channel"),
        make("purpose", "Purpose", "choice:consent_purpose"),
        make("granted", "Agreed", "flag", "consent opted_in"),
        make("consent_source", "Where it was given", words="source"),
        make("given_on", "Given on", "date", "date"),
        make("recorded_by", "Recorded by (e-mail)"),
    ),
    "requests": (
        make("external_id", "Id of the request", "id", "id request_id"),
        *_DONOR,
        make("request_text", "Request", words="prayer_request prayer text description"),
        make("asked_on", "Asked on", "date", "date requested_on request_date"),
        make("answered_on", "Answered on", "date", "answered answered_date"),
        make("answer", "How it was answered", words="response outcome"),
        make("noted_by", "Noted by (e-mail)"),
    ),
    **related_fields.FIELDS,
}
_ANY_DONOR = ("donor_external_id", "email")
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "contacts": (("contact_kind",), ("contacted_at",), _ANY_DONOR),
    "tasks": (("title",),),
    "consents": (("channel",), ("granted",), ("given_on",), _ANY_DONOR),
    "requests": (("request_text",), ("asked_on",), _ANY_DONOR),
    **related_fields.REQUIRED,
}
