"""Little Green Light: constituents and gifts."""

from app.file_reader.presets.preset import First, Join, Part, Preset, Skip, Words

_KINDS = {"individual": "person", "organization": "organisation", "household": "household"}
_PROMISED = frozenset({"pledge", "soft credit", "goal"})

PRESET = Preset(
    name="little_green_light",
    title="Little Green Light",
    source="little_green_light",
    policy="overwrite",
    parts=(
        Part(
            kind="donors",
            headers={
                "lgl_constituent_id": "external_id",
                "first_name": "first_name",
                "last_name": "last_name",
                "organization_name": "name",
                "spouse": "spouse_first_name",
                "preferred_email": "email",
                "pref_phone": "phone",
                "pref_street": "street",
                "pref_city": "city",
                "pref_state_province": "state",
                "pref_zip_postal_code": "postal_code",
                "pref_country": "country",
                "employer": "notes",
            },
            needs=frozenset({"lgl_constituent_id"}),
            clear=frozenset({"lgl_gift_id", "gift_amount"}),
            computed={"kind": Words("constituent_type", _KINDS)},
        ),
        Part(
            kind="gifts",
            headers={
                "lgl_constituent_id": "donor_external_id",
                "lgl_gift_id": "external_id",
                "gift_amount": "amount",
                "gift_date": "gift_date",
                "fund": "fund",
            },
            needs=frozenset({"lgl_constituent_id", "lgl_gift_id", "gift_amount"}),
            computed={
                "method": "payment_type",
                "note": Join(("gift_category", "gift_note", "vehicle_name"), ": "),
            },
            donor={
                "external_id": "lgl_constituent_id",
                "name": First(("full_name", "organization_name")),
                "first_name": "first_name",
                "last_name": "last_name",
                "email": "preferred_email",
            },
            skips=(Skip("A promise or a credit, not money received.", "gift_type", _PROMISED),),
        ),
    ),
)
