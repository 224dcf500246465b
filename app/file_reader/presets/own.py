"""DonorCRM's own exports: importing what `exports` writes restores it unchanged."""

from app.file_reader.presets import own_related
from app.file_reader.presets.preset import Part, Preset

SOURCE = "donorcrm"
DONORS = (
    "id",
    "kind",
    "name",
    "first_name",
    "last_name",
    "spouse_first_name",
    "spouse_last_name",
    "salutation",
    "envelope_name",
    "status",
    "owner_email",
    "email",
    "other_emails",
    "phone",
    "other_phones",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "no_email",
    "no_phone",
    "no_mail",
    "deceased",
    "deceased_on",
    "preferred_language",
    "preferred_channel",
    "anonymous",
    "notes",
    "tags",
    "custom",
    "contact_details",
)
GIFTS = (
    "id",
    "donor_id",
    "donor_name",
    "donor_email",
    "gift_kind",
    "amount",
    "currency",
    "gift_date",
    "method",
    "fund_id",
    "fund",
    "campaign",
    "split",
    "pledge_id",
    "reverses_id",
    "fee",
    "check_number",
    "receipt_wanted",
    "tribute",
    "tribute_name",
    "notify_name",
    "notify_address",
    "note",
)
PLEDGES = (
    "id",
    "donor_id",
    "donor_name",
    "donor_email",
    "amount",
    "currency",
    "frequency",
    "status",
    "start_date",
    "end_date",
    "anchor_day",
    "instalments",
    "total",
    "grace_days",
    "fund_id",
    "fund",
    "campaign",
    "method",
    "note",
)
FUNDS = ("id", "name", "status", "gl_code")
CONTACTS = (
    "id",
    "donor_id",
    "donor_name",
    "donor_email",
    "contact_kind",
    "contacted_at",
    "logged_by",
    "contact_text",
)
TASKS = (
    "id",
    "donor_id",
    "donor_name",
    "type",
    "title",
    "note",
    "priority",
    "due_on",
    "due_at",
    "repeats",
    "repeats_from",
    "assignee_email",
    "done_on",
)
CONSENTS = (
    "id",
    "donor_id",
    "donor_name",
    "donor_email",
    "channel",
    "purpose",
    "granted",
    "consent_source",
    "given_on",
    "recorded_by",
)
REQUESTS = (
    "id",
    "donor_id",
    "donor_name",
    "donor_email",
    "request_text",
    "asked_on",
    "answered_on",
    "answer",
    "noted_by",
)
_REFERENCES = {
    "id": "external_id",
    "donor_id": "donor_external_id",
    "donor_email": "email",
    # the name is there for readers: it must not create or rename a donor
    "donor_name": "",
    "fund_id": "fund_external_id",
    "pledge_id": "pledge_external_id",
    "reverses_id": "reverses_external_id",
}


def _headers(names: tuple[str, ...]) -> dict[str, str]:
    fields = {name: _REFERENCES.get(name, name) for name in names}
    return {name: field for name, field in fields.items() if field}


PRESET = Preset(
    name="donorcrm",
    title="DonorCRM export",
    source=SOURCE,
    policy="overwrite",
    parts=(
        Part(
            "donors",
            _headers(DONORS),
            frozenset({"id", "kind", "name", "status"}),
            frozenset({"amount"}),
            8,
        ),
        Part(
            "gifts",
            _headers(GIFTS),
            frozenset({"id", "donor_id", "amount", "gift_date"}),
            frozenset({"credit_type"}),
            least=5,
        ),
        Part(
            "pledges",
            _headers(PLEDGES),
            frozenset({"id", "donor_id", "amount", "frequency", "start_date"}),
            least=6,
        ),
        Part(
            "funds",
            _headers(FUNDS),
            frozenset({"id", "name", "status"}),
            frozenset({"amount", "kind", "donor_id", "email", "first_name"}),
            3,
        ),
        Part(
            "contacts",
            _headers(CONTACTS),
            frozenset({"id", "donor_id", "contact_kind", "contacted_at"}),
            least=5,
        ),
        Part(
            "tasks",
            _headers(TASKS),
            frozenset({"id", "donor_id", "title", "due_on", "done_on"}),
            least=6,
        ),
        Part(
            "consents",
            _headers(CONSENTS),
            frozenset({"id", "donor_id", "channel", "granted", "given_on"}),
            least=6,
        ),
        Part(
            "requests",
            _headers(REQUESTS),
            frozenset({"id", "donor_id", "request_text", "asked_on"}),
            least=5,
        ),
        *own_related.PARTS,
    ),
)
