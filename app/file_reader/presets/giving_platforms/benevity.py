"""Benevity: employees' donations, each with the employer's matching gift."""

from app.file_reader.presets.preset import (
    AdditionalGift,
    Fixed,
    Join,
    Part,
    Preset,
    Skip,
    Sum,
    When,
    Words,
)

_NOT_SHARED = frozenset({"not shared by donor", ""})
_BLANK_NOT_SHARED = {"not shared by donor": ""}

PRESET = Preset(
    name="benevity",
    title="Benevity donations",
    source="benevity",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "donation_date": "gift_date",
                "total_donation_to_be_acknowledged": "amount",
                "currency": "currency",
                "transaction_id": "external_id",
                "project": "fund",
            },
            needs=frozenset({"company", "total_donation_to_be_acknowledged", "match_amount"}),
            computed={
                "method": Fixed("online"),
                "fee": Sum(("cause_support_fee", "merchant_fee")),
                "note": "comment",
            },
            donor={
                "name": When(
                    "donor_last_name", _NOT_SHARED, Join((Fixed("Anonymous at"), "company"))
                ),
                "kind": Fixed("person"),
                "first_name": Words("donor_first_name", _BLANK_NOT_SHARED),
                "last_name": Words("donor_last_name", _BLANK_NOT_SHARED),
                "email": Words("email", _BLANK_NOT_SHARED),
                "street": Words("address", _BLANK_NOT_SHARED),
                "city": Words("city", _BLANK_NOT_SHARED),
                "state": Words("state_province", _BLANK_NOT_SHARED),
                "postal_code": Words("postal_code", _BLANK_NOT_SHARED),
            },
            additional=(
                AdditionalGift(
                    computed={
                        "amount": "match_amount",
                        "external_id": Join(("transaction_id", Fixed("match")), "-"),
                        "note": Fixed("Matching gift"),
                        "fee": Fixed(""),
                    },
                    donor={"name": "company", "kind": Fixed("organisation")},
                    credits="employer match",
                ),
            ),
            # an employer may match a gift made elsewhere: then the person has no gift in this row
            only_with=("amount",),
            skips=(
                Skip(
                    "A line that adds up, not a gift.",
                    "company",
                    frozenset(
                        {
                            "totals",
                            "total donations (gross)",
                            "check fee",
                            "net total payment",
                        }
                    ),
                ),
            ),
        ),
    ),
)
