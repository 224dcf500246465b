"""Stripe: payments. The user chooses the columns of the export; missing ones are allowed."""

from app.file_reader.presets.preset import First, Fixed, Join, Part, Preset, Skip

PRESET = Preset(
    name="stripe",
    title="Stripe payments",
    source="stripe",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "id": "external_id",
                "created_date_utc": "gift_date",
                "created_utc": "gift_date",
                "amount": "amount",
                "currency": "currency",
                "fee": "fee",
                "status": "gift_status",
                # the file has no refund date: the payment date is the best approximation
                "amount_refunded": "refunded_amount",
                "description": "note",
            },
            needs=frozenset({"id", "amount", "status", "captured"}),
            computed={"method": Fixed("card")},
            donor={
                "external_id": "customer_id",
                "name": First(
                    (
                        "customer_name",
                        "card_name",
                        "customer_description",
                        "customer_email",
                        Join((Fixed("Stripe payment"), "id")),
                    )
                ),
                "email": "customer_email",
            },
            skips=(
                Skip(
                    "Not paid: the card was asked, the money never taken.",
                    "captured",
                    frozenset({"false", "no"}),
                ),
            ),
        ),
    ),
)
