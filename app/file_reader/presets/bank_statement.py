"""Bank statement without a header row: booking date, value date, payer, amount, note."""

from app.file_reader.presets.preset import Fixed, Join, Part, Preset

_DAY = r"\d{1,2}\.\d{1,2}\.\d{4}"

PRESET = Preset(
    name="bank_statement",
    title="Bank statement without a header",
    source="bank_statement",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "booked": "gift_date",
                "payer": "donor_external_id",
                "amount": "amount",
                "currency": "currency",
                "note": "note",
            },
            needs=frozenset({"booked", "due", "payer", "amount", "currency"}),
            computed={"method": Fixed("bank transfer")},
            donor={"external_id": "payer", "name": Join((Fixed("Payer"), "payer"))},
            cells={
                "booked": _DAY,
                "due": _DAY,
                "payer": r"\d{2,20}",
                "amount": r"[-+]?[\d.,\s]+",
                "currency": r"[A-Z]{3}",
                "note": r".*",
            },
            date_order="dmy",
        ),
    ),
)
