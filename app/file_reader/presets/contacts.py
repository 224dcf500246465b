"""The contacts template: a plain list of people."""

from app.file_reader.presets.preset import Part, Preset

PRESET = Preset(
    name="contacts",
    title="Contacts template",
    source="contacts",
    policy="fill",
    parts=(
        Part(
            kind="donors",
            headers={
                "first_name": "first_name",
                "last_name": "last_name",
                "email": "email",
                "phone": "phone",
                "street_address": "street",
                "city": "city",
                "state": "state",
                "postal_code": "postal_code",
                "country": "country",
                "notes": "notes",
            },
            needs=frozenset({"first_name", "last_name"}),
            clear=frozenset(
                {
                    "id",
                    "amount",
                    "gift_date",
                    "donation_date",
                    "date",
                    "entity_id",
                    "gift_amount",
                    "salutation",
                    "total_amount",
                    "donation_amount",
                }
            ),
            least=4,
        ),
    ),
)
