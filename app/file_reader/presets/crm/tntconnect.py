"""TntConnect: the contact file of 167 columns, of which these are imported."""

from app.file_reader.presets.crm.partners import MONTHS_PER_GIFT, PHASES, STATUSES
from app.file_reader.presets.preset import First, Fixed, Join, Listed, Part, Preset, Skip, Words

_NAMES = ("file_as", "full_name", "first_given_name", "last_family_name", "organization_name")
_PHASE = Words("mpd_phase", PHASES)

PRESET = Preset(
    name="tntconnect",
    title="TntConnect contacts",
    source="tntconnect",
    policy="fill",
    parts=(
        Part(
            kind="pledges",
            headers={"pledge_amount": "amount", "pledge_start_date": "start_date"},
            needs=frozenset({"contact_id", "file_as", "pledge_amount"}),
            computed={
                "frequency": Words("pledge_frequency", MONTHS_PER_GIFT),
                "external_id": Join((Fixed("pledge of"), "contact_id")),
            },
            donor={
                "external_id": "contact_id",
                "name": First(("full_name", "file_as", "organization_name")),
                "first_name": "first_given_name",
                "last_name": "last_family_name",
                "spouse_first_name": "spouse_first_given_name",
                "spouse_last_name": "spouse_last_family_name",
                "salutation": "greeting",
                "envelope_name": "mailing_address_block_name",
                "street": "mailing_street_address",
                "city": "mailing_city",
                "state": "mailing_state",
                "postal_code": "mailing_postal_code",
                "country": "mailing_country",
                "email": First(("preferred_email", "email_1", "email_2", "email_3")),
                "other_emails": Join(("email_1", "email_2", "email_3"), ";"),
                "phone": First(("mobile_phone", "home_phone", "business_phone")),
                "other_phones": Join(("home_phone", "business_phone"), ";"),
                "status": Words(_PHASE, STATUSES),
                "tags": Listed(Join(("categories", _PHASE), ",")),
                "notes": "notes",
            },
            skips=(Skip("The row names nobody.", blank=_NAMES),),
            only_with=("amount", "frequency"),
        ),
    ),
)
