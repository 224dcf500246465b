"""Rows of tags, contact details, households and others that parsing refuses or notes."""

from app.imports.values.problems import GENERAL_HINT

HEADERS = {
    "campaigns": "Name,Starts on,Ends on,Goal,Currency\n",
    "tags": "Donor id,Tag\n",
    "emails": "Donor id,E-mail,Type\n",
    "phones": "Donor id,Phone,Type\n",
    "addresses": "Donor id,Street,Country,Type,Season from,Season to,Valid from,Valid to\n",
    "households": "Donor id,Household,Head\n",
    "relations": "Donor id,Relation,Other id\n",
    "soft-credits": "Gift id,Donor id,Kind of soft credit,Amount\n",
    "pledge-versions": "Pledge id,Since,Amount,Frequency\n",
    "pledge-pauses": "Pledge id,Paused from,Paused to\n",
}
ADDRESS = "E1,1 Elm St,"
# code → kind of file, row, sentence, hint
CASES = {
    "tag_missing": ("tags", "E1,", "The tag is missing.", GENERAL_HINT),
    "email_missing": ("emails", "E1,,home", "The e-mail is missing.", GENERAL_HINT),
    "phone_missing": ("phones", "E1,,home", "The phone is missing.", GENERAL_HINT),
    "address_missing": ("addresses", "E1,,,home,,,,", "The address is empty.", GENERAL_HINT),
    "country_unknown": (
        "addresses",
        f"{ADDRESS}Atlantis,home,,,,",
        "“Atlantis” is not a country we know. It is stored as it is.",
        "Write the country in English, or its code: DE.",
    ),
    "season_unreadable": (
        "addresses",
        f"{ADDRESS},seasonal,02-30,03-01,,",
        "“02-30” is not a day of the year.",
        "Write month and day as 11-01: 1 November.",
    ),
    "season_incomplete": (
        "addresses",
        f"{ADDRESS},seasonal,11-01,,,",
        "A seasonal address needs the first and the last day of its season.",
        GENERAL_HINT,
    ),
    "season_unwanted": (
        "addresses",
        f"{ADDRESS},home,11-01,03-01,,",
        "Only a seasonal address has a season.",
        "Write seasonal as the type, or empty the season.",
    ),
    "ends_before_start": (
        "addresses",
        f"{ADDRESS},home,,,2026-03-01,2026-02-01",
        "The last day lies before the first.",
        "Correct one of the two days.",
    ),
    "relation_missing": ("relations", "E1,,E2", "The relation is missing.", GENERAL_HINT),
    "household_missing": (
        "households",
        "E1,,yes",
        "The row does not say which household.",
        GENERAL_HINT,
    ),
    "credit_type_missing": (
        "soft-credits",
        "G1,E1,,5",
        "The kind of soft credit is missing.",
        GENERAL_HINT,
    ),
    "gift_missing": ("soft-credits", ",E1,spouse,5", "The gift is missing.", GENERAL_HINT),
    "campaign_name_missing": (
        "campaigns",
        ",2026-01-01,,5,",
        "The campaign has no name.",
        GENERAL_HINT,
    ),
    "goal_in_other_currency": (
        "campaigns",
        "Easter,,,5,EUR",
        "A goal is in the currency of the organisation, USD.",
        "Convert the goal.",
    ),
    "pledge_missing": ("pledge-pauses", ",2026-01-01,", "The pledge is missing.", GENERAL_HINT),
    "pause_missing": (
        "pledge-pauses",
        "P1,,2026-01-01",
        "The first day of the pause is missing.",
        GENERAL_HINT,
    ),
}
# further rows: kind of file, row, code
REFUSED = (
    ("campaigns", "Easter,2026-03-01,2026-02-01,,", "ends_before_start"),
    ("campaigns", "Easter,,,-5,", "amount_zero"),
    ("campaigns", f"{'x' * 121},,,,", "name_too_long"),
    ("tags", f"E1,{'x' * 121}", "name_too_long"),
    ("tags", "E1,Choir\nE1,Choir", "same_row"),
    ("emails", "E1,not an e-mail,home", "email_missing"),
    ("emails", ",a@x.example,home", "donor_missing"),
    ("emails", "E1,a@x.example,castle", "value_unknown"),
    ("addresses", f"{ADDRESS},home,11-01,,,", "season_incomplete"),
    ("relations", "E1,neighbour,E2", "value_unknown"),
    ("relations", "E1,spouse,", "donor_missing"),
    ("soft-credits", "G1,E1,spouse,0", "credit_too_large"),
    ("soft-credits", "G1,E1,spouse,-5", "credit_too_large"),
    ("soft-credits", "G1,,spouse,5", "donor_missing"),
    ("pledge-pauses", "P1,2026-03-01,2026-02-01", "ends_before_start"),
    ("pledge-versions", "P1,,5,monthly", "start_date_missing"),
    ("pledge-versions", "P1,2026-01-05,,monthly", "amount_missing"),
    ("pledge-versions", "P1,2026-01-05,-5,monthly", "pledge_negative"),
    ("pledge-versions", "P1,2026-01-05,5,", "frequency_missing"),
    ("pledge-pauses", "P1,2026-02-30,", "date_not_in_calendar"),
)
