"""Givebutter: contacts."""

from app.file_reader.presets.preset import First, Join, Listed, Part, Preset, Words

_NOT = {"no": "yes", "false": "yes", "0": "yes", "yes": "", "true": "", "1": ""}

PRESET = Preset(
    name="givebutter",
    title="Givebutter contacts",
    source="givebutter",
    policy="overwrite",
    parts=(
        Part(
            kind="donors",
            headers={
                "givebutter_contact_id": "external_id",
                "last_name": "last_name",
                "preferred_first_name": "salutation",
                "primary_email": "email",
                "additional_emails": "other_emails",
                "primary_phone": "phone",
                "additional_phones": "other_phones",
                "city": "city",
                "state": "state",
                "postal_code": "postal_code",
                "country": "country",
                "notes": "notes",
            },
            needs=frozenset({"givebutter_contact_id", "primary_email"}),
            computed={
                "first_name": Join(("first_name", "middle_name")),
                "street": Join(("address_line_1", "address_line_2"), ", "),
                "tags": Listed("tags"),
                "name": First(("household",)),
                "no_email": Words("engage_email_subscribed", _NOT),
                "no_mail": Words("engage_mail_subscribed", _NOT),
            },
        ),
    ),
)
