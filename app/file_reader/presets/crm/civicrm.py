"""CiviCRM: contacts with an external identifier, contributions, and payments of pledges."""

from app.file_reader.presets.preset import ComputedValue, First, Join, Part, Preset

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
        # the identifier by which contributions name their contact
        Part(
            kind="donors",
            headers={
                "external_identifier": "external_id",
                "display_name": "name",
                "organization_name": "name",
                "household_name": "name",
                "first_name": "first_name",
                "last_name": "last_name",
                "email": "email",
                "phone": "phone",
                "street_address": "street",
                "city": "city",
                "state": "state",
                "state_province": "state",
                "postal_code": "postal_code",
                "country": "country",
            },
            needs=frozenset({"external_identifier"}),
            clear=frozenset({"total_amount", "amount", "financial_type", "pledge_id"}),
            least=3,
        ),
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
                "contribution_date": "gift_date",
                "contribution_status": "gift_status",
                "fee_amount": "fee",
            },
            needs=frozenset({"total_amount", "financial_type"}),
            clear=frozenset({"pledge_id"}),
            computed={"note": Join(("source", "contribution_source", "note"), ": ")},
            donor=_DONOR,
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
                "contribution_date": "gift_date",
                "contribution_status": "gift_status",
            },
            needs=frozenset({"pledge_id", "financial_type", "receive_date"}),
        ),
    ),
)
