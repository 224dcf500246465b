"""MPDX: contacts with their commitments."""

from app.file_reader.presets.crm.partners import FREQUENCIES, STATUSES
from app.file_reader.presets.preset import (
    First,
    Fixed,
    Join,
    Listed,
    Part,
    Preset,
    Skip,
    When,
    Words,
)

_NAMES = ("contact_name", "first_name", "last_name")

PRESET = Preset(
    name="mpdx",
    title="MPDX contacts",
    source="mpdx",
    policy="fill",
    parts=(
        Part(
            kind="pledges",
            headers={"commitment_amount": "amount"},
            needs=frozenset({"contact_name", "commitment_amount", "commitment_frequency"}),
            computed={
                "frequency": Words("commitment_frequency", FREQUENCIES),
                # a contact has one commitment, which has no id
                "external_id": Join(
                    (Fixed("commitment of"), First(("primary_email", "contact_name")))
                ),
            },
            donor={
                "first_name": "first_name",
                "last_name": "last_name",
                # a contact without first and last name is an organisation
                "name": When("last_name", frozenset({""}), "contact_name"),
                "spouse_first_name": "spouse_first_name",
                "spouse_last_name": "spouse_last_name",
                "salutation": "greeting",
                "envelope_name": "envelope_greeting",
                "street": "mailing_street_address",
                "city": "mailing_city",
                "state": "mailing_state",
                "postal_code": "mailing_postal_code",
                "country": "mailing_country",
                "status": Words("status", STATUSES),
                "email": "primary_email",
                "other_emails": "spouse_email",
                "phone": "primary_phone",
                "other_phones": "spouse_phone",
                "notes": "notes",
                "tags": Listed(Join(("tags", "status"), ",")),
            },
            skips=(Skip("A line of the template's choices, not a contact.", blank=_NAMES),),
            only_with=("amount", "frequency"),
        ),
    ),
)
