"""Tnt DataServer: donors and gifts that an organisation's server provides to fundraisers."""

from app.file_reader.presets.preset import Join, Part, Preset, Words

_KINDS = {"p": "person", "o": "organisation", "i": "person", "h": "household"}

PRESET = Preset(
    name="tnt_dataserver",
    title="Tnt DataServer",
    source="tnt_dataserver",
    policy="overwrite",
    parts=(
        Part(
            kind="donors",
            headers={
                "people_id": "external_id",
                "acct_name": "name",
                "first_name": "first_name",
                "sp_first_name": "spouse_first_name",
                "city": "city",
                "state": "state",
                "zip": "postal_code",
                "cntry_descr": "country",
                "phone": "phone",
                "email": "email",
            },
            needs=frozenset({"people_id", "acct_name"}),
            clear=frozenset({"donation_id", "tendered_amount"}),
            computed={
                "kind": Words("person_type", _KINDS),
                "street": Join(("addr1", "addr2", "addr3", "addr4"), ", "),
                "last_name": "last_name_org",
            },
        ),
        Part(
            kind="gifts",
            headers={
                "donation_id": "external_id",
                "people_id": "donor_external_id",
                "designation": "fund",
                "payment_method": "method",
                "display_date": "gift_date",
            },
            needs=frozenset({"donation_id", "people_id", "display_date"}),
            computed={
                # the amount given, in the donor's currency
                "amount": "tendered_amount",
                "currency": "tendered_currency",
                "note": Join(("motivation", "memo"), ": "),
                "name": "acct_name",
            },
        ),
    ),
)
