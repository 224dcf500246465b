"""Salesforce NPSP Data Import: two people, two organisations and a gift in each row."""

from app.file_reader.presets.preset import First, Fixed, Join, Part, Preset, Skip, When

_ACCOUNT = frozenset({"account1", "account 1"})
_ACCOUNT_2 = frozenset({"account2", "account 2"})
_RECEIVED = frozenset({"", "posted", "closed won", "received", "closed", "in-kind received"})


def _home(name: str) -> First:
    """Return the home address, or the organisation's address where it is the giver."""
    return First(
        (When("donation_donor", _ACCOUNT, f"account1_{name}"), f"home_{name}", f"account1_{name}")
    )


PRESET = Preset(
    name="npsp",
    title="Salesforce NPSP Data Import",
    source="npsp",
    policy="fill",
    parts=(
        Part(
            kind="gifts",
            headers={
                "donation_amount": "amount",
                "donation_date": "gift_date",
                "payment_method": "method",
                "donation_description": "note",
                "campaign_name": "fund",
            },
            needs=frozenset({"contact1_last_name", "donation_amount", "donation_date"}),
            donor={
                "kind": When("donation_donor", _ACCOUNT | _ACCOUNT_2, Fixed("organisation")),
                # the organisation if it gave; people are named by first and last name
                "name": First(
                    (
                        When("donation_donor", _ACCOUNT, "account1_name"),
                        When("donation_donor", _ACCOUNT_2, "account2_name"),
                        When("contact1_last_name", frozenset({""}), "account1_name"),
                    )
                ),
                "first_name": "contact1_first_name",
                "last_name": "contact1_last_name",
                "spouse_first_name": "contact2_first_name",
                "spouse_last_name": "contact2_last_name",
                "email": First(
                    (
                        "contact1_personal_email",
                        "contact1_work_email",
                        "contact1_alternate_email",
                    )
                ),
                "other_emails": Join(
                    (
                        "contact1_work_email",
                        "contact1_alternate_email",
                        "contact2_personal_email",
                        "contact2_work_email",
                    ),
                    ";",
                ),
                "phone": First(
                    (
                        "contact1_mobile_phone",
                        "contact1_home_phone",
                        "contact1_work_phone",
                        "account1_phone",
                    )
                ),
                "other_phones": Join(
                    (
                        "contact1_home_phone",
                        "contact1_work_phone",
                        "contact1_other_phone",
                        "contact2_mobile_phone",
                        "contact2_home_phone",
                    ),
                    ";",
                ),
                "street": _home("street"),
                "city": _home("city"),
                "state": _home("state_province"),
                "postal_code": _home("zip_postal_code"),
                "country": _home("country"),
            },
            skips=(
                Skip(
                    "The gift is not received: its stage says so.",
                    "donation_stage",
                    _RECEIVED,
                    unless=True,
                    keeps_donor=True,
                ),
                Skip(
                    "A line that names the fields, not data.",
                    "contact1_last_name",
                    frozenset({"npsp__contact1_lastname__c"}),
                ),
            ),
            only_with=("amount", "gift_date"),
        ),
    ),
)
