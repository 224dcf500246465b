"""DonorPerfect: gifts with their donors, under the names of its fields."""

from app.file_reader.presets.preset import First, Join, Part, Preset, Skip

PRESET = Preset(
    name="donorperfect",
    title="DonorPerfect gifts",
    source="donorperfect",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "gift_id": "external_id",
                "gift_date": "gift_date",
                "amount": "amount",
                "currency": "currency",
                "gift_type": "method",
                "gl_code": "fund",
            },
            needs=frozenset({"donor_id", "gift_date", "amount", "record_type"}),
            computed={"note": Join(("gift_narrative", "reference"), " · ")},
            donor={
                "external_id": "donor_id",
                "first_name": "first_name",
                "last_name": "last_name",
                "email": "email",
                "phone": First(("mobile_phone", "home_phone", "business_phone")),
                "street": Join(("address", "address2"), ", "),
                "city": "city",
                "state": "state",
                "postal_code": "zip",
                "country": "country",
            },
            skips=(
                Skip(
                    "A promise, not a gift: import promises as pledges",
                    header="record_type",
                    words=frozenset({"p"}),
                    keeps_donor=True,
                ),
                Skip(
                    "The sum of a gift whose parts are rows of their own",
                    header="record_type",
                    words=frozenset({"m"}),
                    keeps_donor=True,
                ),
                Skip(
                    "A soft credit for another donor's gift",
                    header="record_type",
                    words=frozenset({"s"}),
                    keeps_donor=True,
                ),
            ),
        ),
    ),
)
