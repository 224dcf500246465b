"""Donorbox: donations."""

from app.file_reader.presets.preset import First, Join, Part, Preset

PRESET = Preset(
    name="donorbox",
    title="Donorbox donations",
    source="donorbox",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "amount": "amount",
                "currency": "currency",
                "donated_at_mm_dd_yy_hh_mm_ss_utc": "gift_date",
                "donated_at": "gift_date",
                "campaign": "fund",
                "processing_fee": "fee",
                "donation_type": "method",
                "status": "gift_status",
                "amount_refunded": "refunded_amount",
            },
            needs=frozenset({"donors_first_name", "donor_email", "amount", "campaign"}),
            computed={
                "external_id": First(("receipt_id", "donation_id", "transaction_id")),
                "note": Join(("donor_comment", "designation"), " · "),
            },
            donor={
                "first_name": "donors_first_name",
                "last_name": "donors_last_name",
                "name": First(
                    (
                        "organization_name",
                        "name",
                        Join(("donors_first_name", "donors_last_name")),
                        "donor_email",
                    )
                ),
                "email": "donor_email",
                "phone": "phone",
                "street": First(("address", "address_line_1")),
                "city": "city",
                "state": First(("state", "state_province")),
                "postal_code": "postal_code",
                "country": "country",
            },
            date_order="mdy",
        ),
    ),
)
