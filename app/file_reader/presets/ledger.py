"""Entities, funds, transactions and pledges: four files that refer to each other by id."""

from app.file_reader.presets.preset import Part, Preset

PRESET = Preset(
    name="entities",
    title="Entities, funds, transactions and pledges",
    source="entities",
    policy="fill",
    parts=(
        Part(
            kind="donors",
            headers={
                "entity_id": "external_id",
                "name": "name",
                "entity_name": "name",
                "email": "email",
                "phone": "phone",
                "address": "street",
                "entity_type": "kind",
            },
            needs=frozenset({"entity_id"}),
            clear=frozenset({"amount", "transaction_id", "pledge_id", "posted_date"}),
        ),
        Part(
            kind="funds",
            headers={
                "fund_id": "external_id",
                "name": "name",
                "fund_name": "name",
                "status": "status",
            },
            needs=frozenset({"fund_id"}),
            clear=frozenset({"entity_id", "amount", "transaction_id", "pledge_id"}),
        ),
        Part(
            kind="gifts",
            headers={
                "transaction_id": "external_id",
                "entity_id": "donor_external_id",
                "fund_id": "fund_external_id",
                "amount": "amount",
                "posted_date": "gift_date",
                "currency": "currency",
                "pledge_id": "pledge_external_id",
                "method": "method",
                "memo": "note",
                "refund_of": "reverses_external_id",
            },
            needs=frozenset({"transaction_id", "entity_id", "amount"}),
        ),
        Part(
            kind="pledges",
            headers={
                "pledge_id": "external_id",
                "entity_id": "donor_external_id",
                "fund_id": "fund_external_id",
                "amount": "amount",
                "cadence": "frequency",
                "frequency": "frequency",
                "status": "status",
                "start_date": "start_date",
                "end_date": "end_date",
                "currency": "currency",
            },
            needs=frozenset({"pledge_id", "entity_id", "amount"}),
            clear=frozenset({"transaction_id", "posted_date"}),
        ),
    ),
)
