"""The example rows of the templates of tags, contact details, households and others."""

from collections.abc import Mapping

# begins the cells by which an example row is recognised; cells with "example" are taken for help
MARK = "SAMPLE"
_MARA = {"donor_external_id": f"{MARK}-1", "email": "mara@example.org"}
_TOM = {"donor_external_id": f"{MARK}-2", "email": "tom@example.org"}
_FAMILY = {"household_external_id": "H-1", "household_name": "The Vogels"}
EXAMPLES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "campaigns": (
        {
            "external_id": f"{MARK}-1",
            "name": f"{MARK} Easter",
            "starts_on": "2026-03-01",
            "ends_on": "2026-04-30",
            "goal": "5000.00",
        },
        {"external_id": f"{MARK}-2", "name": f"{MARK} Autumn", "status": "closed"},
    ),
    "tags": ({**_MARA, "tag": "newsletter"}, {**_TOM, "tag": "choir"}),
    "emails": (
        {
            "donor_external_id": f"{MARK}-1",
            "email": "mara@example.com",
            "type": "work",
            "primary": "no",
        },
        {
            "donor_external_id": f"{MARK}-2",
            "email": "tom@example.com",
            "type": "home",
            "do_not_use": "yes",
        },
    ),
    "phones": (
        {**_MARA, "phone": "+1 555 0100", "type": "mobile", "primary": "yes"},
        {**_TOM, "phone": "+1 555 0101", "type": "work"},
    ),
    "addresses": (
        {
            **_MARA,
            "street": "1 Main Street",
            "city": "Springfield",
            "postal_code": "01101",
            "country": "United States",
            "type": "home",
            "primary": "yes",
            "valid_from": "2026-01-01",
        },
        {
            **_TOM,
            "street": "2 Sea Road",
            "city": "Miami",
            "type": "seasonal",
            "season_from": "11-01",
            "season_to": "03-31",
        },
    ),
    "households": (
        {
            **_FAMILY,
            **_MARA,
            "head": "yes",
            "household_salutation": "Mara and Tom",
            "household_envelope_name": "Mara and Tom Vogel",
        },
        {**_FAMILY, **_TOM, "head": "no"},
    ),
    "relations": (
        {
            **_MARA,
            "relation": "spouse",
            "other_external_id": "2",
            "other_email": "tom@example.org",
        },
        {
            **_TOM,
            "relation": "referrer",
            "other_external_id": "1",
            "other_email": "mara@example.org",
        },
    ),
    "soft-credits": (
        {**_TOM, "gift_external_id": "G-1", "credit_type": "spouse", "amount": "25.00"},
        {**_TOM, "gift_external_id": "G-2", "credit_type": "solicitor"},
    ),
    "pledge-pauses": (
        {
            "pledge_external_id": "P-1",
            **_MARA,
            "pause_starts": "2026-07-01",
            "pause_ends": "2026-08-31",
            "pause_reason": "Abroad",
        },
        {"pledge_external_id": "P-1", **_MARA, "pause_starts": "2026-10-01"},
    ),
    "pledge-versions": (
        {
            "pledge_external_id": "P-1",
            **_MARA,
            "since": "2026-01-01",
            "amount": "25.00",
            "frequency": "quarterly",
        },
        {
            "pledge_external_id": "P-1",
            **_MARA,
            "since": "2026-07-01",
            "amount": "50.00",
            "frequency": "monthly",
            "day_of_month": "1",
        },
    ),
}
