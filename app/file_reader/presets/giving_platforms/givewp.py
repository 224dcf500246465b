"""GiveWP: donations of a WordPress site."""

from app.file_reader.presets.preset import First, Join, Part, Preset, Skip

PRESET = Preset(
    name="givewp",
    title="GiveWP donations",
    source="givewp",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "donation_id": "external_id",
                "donation_total": "amount",
                "currency_code": "currency",
                "donation_date": "gift_date",
                "donation_status": "gift_status",
                "payment_gateway": "method",
                "form_title": "fund",
                "donor_comment": "note",
            },
            needs=frozenset({"donation_total", "donation_status", "payment_gateway"}),
            donor={
                "external_id": "donor_id",
                "first_name": "first_name",
                "last_name": "last_name",
                "name": First(
                    ("company_name", Join(("first_name", "last_name")), "email_address")
                ),
                "email": First(("email_address", "donor_email")),
                "phone": First(("phone", "phone_number")),
                "street": Join(("address_1", "address_2"), ", "),
                "city": "city",
                "state": "state",
                "postal_code": "zip",
                "country": "country",
            },
            skips=(
                Skip(
                    "A test donation: no money came",
                    header="payment_mode",
                    words=frozenset({"test"}),
                ),
                Skip(
                    "A test donation: no money came",
                    header="payment_gateway",
                    words=frozenset({"test donation"}),
                ),
            ),
        ),
    ),
)
