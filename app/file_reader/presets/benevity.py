"""Benevity: employees' donations, each with the employer's matching gift."""

from app.file_reader.presets.preset import Also, Fixed, Join, Part, Preset, Skip, Sum, When, Words

_UNTOLD = frozenset({"not shared by donor", ""})
_TOLD = {"not shared by donor": ""}

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
            made={
                "method": Fixed("online"),
                "fee": Sum(("cause_support_fee", "merchant_fee")),
                "note": "comment",
            },
            donor={
                "name": When("donor_last_name", _UNTOLD, Join((Fixed("Anonymous at"), "company"))),
                "kind": Fixed("person"),
                "first_name": Words("donor_first_name", _TOLD),
                "last_name": Words("donor_last_name", _TOLD),
                "email": Words("email", _TOLD),
                "street": Words("address", _TOLD),
                "city": Words("city", _TOLD),
                "state": Words("state_province", _TOLD),
                "postal_code": Words("postal_code", _TOLD),
            },
            also=(
                Also(
                    made={
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
