"""PayPal: the activity file, of which only the donations are imported."""

from app.file_reader.presets.preset import First, Fixed, Join, Part, Preset, Skip, Unsigned

_DONATIONS = frozenset(
    {
        "donation payment",
        "subscription payment",
        "mass pay payment",
        "payment refund",
        "payment reversal",
    }
)

PRESET = Preset(
    name="paypal",
    title="PayPal activity",
    source="paypal",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "date": "gift_date",
                "currency": "currency",
                "gross": "amount",
                "transaction_id": "external_id",
                "reference_txn_id": "reverses_external_id",
            },
            needs=frozenset({"gross", "transaction_id", "from_email_address", "type"}),
            computed={
                "method": Fixed("online"),
                "fee": Unsigned("fee"),
                "note": Join(("subject", "note"), ": "),
            },
            donor={
                "name": First(("name", "from_email_address")),
                "email": "from_email_address",
            },
            skips=(
                Skip("A memo of PayPal's, no money moved.", "balance_impact", frozenset({"memo"})),
                Skip("Not a donation.", "type", _DONATIONS, unless=True),
                Skip(
                    "Not completed: no money came.",
                    "status",
                    frozenset({"completed", ""}),
                    unless=True,
                ),
            ),
        ),
    ),
)
