"""CiviCRM: contributions, and payments of pledges."""

from app.file_reader.presets.preset import ComputedValue, First, Join, Part, Preset, Skip

_DONE = frozenset({"completed", ""})
_STATUS = Skip(
    "Not received: the contribution is not completed.", "contribution_status", _DONE, unless=True
)
_DONOR: dict[str, ComputedValue] = {
    "external_id": First(("external_identifier", "contact_id")),
    "name": First(("display_name", "organization_name", "household_name")),
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
}

PRESET = Preset(
    name="civicrm",
    title="CiviCRM contributions",
    source="civicrm",
    policy="overwrite",
    parts=(
        Part(
            kind="gifts",
            headers={
                "total_amount": "amount",
                "receive_date": "gift_date",
                "date_received": "gift_date",
                "currency": "currency",
                "financial_type": "fund",
                "payment_method": "method",
                "transaction_id": "external_id",
                "soft_credit_to": "credit_to",
                "soft_credit_type": "credit_type",
            },
            needs=frozenset({"total_amount", "financial_type"}),
            clear=frozenset({"pledge_id"}),
            computed={"note": Join(("source", "contribution_source", "note"), ": ")},
            donor=_DONOR,
            skips=(_STATUS,),
        ),
        Part(
            kind="gifts",
            headers={
                "amount": "amount",
                "total_amount": "amount",
                "pledge_id": "pledge_external_id",
                "receive_date": "gift_date",
                "financial_type": "fund",
                "email": "email",
                "transaction_id": "external_id",
            },
            needs=frozenset({"pledge_id", "financial_type", "receive_date"}),
            skips=(_STATUS,),
        ),
    ),
)
