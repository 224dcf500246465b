"""Bloomerang: constituents."""

from app.file_reader.presets.preset import Join, Part, Preset, Words

_KINDS = {"individual": "person", "organization": "organisation", "household": "household"}

PRESET = Preset(
    name="bloomerang",
    title="Bloomerang constituents",
    source="bloomerang",
    policy="overwrite",
    parts=(
        Part(
            kind="donors",
            headers={
                "account_number": "external_id",
                "first_name": "first_name",
                "last_name": "last_name",
                "envelope_name": "envelope_name",
                "informal_name": "salutation",
                "email_address": "email",
                "primary_email": "email",
                "phone_number": "phone",
                "primary_phone": "phone",
                "street": "street",
                "primary_street": "street",
                "city": "city",
                "primary_city": "city",
                "state": "state",
                "primary_state": "state",
                "zip": "postal_code",
                "primary_zip": "postal_code",
                "country": "country",
            },
            needs=frozenset({"account_number", "envelope_name", "informal_name"}),
            computed={
                "name": Join(("organization_name", "household_name"), ", "),
                "kind": Words("type", _KINDS),
                "tags": "groups_pipe",
                "notes": Join(("job_title", "employer"), ", "),
            },
        ),
    ),
)
