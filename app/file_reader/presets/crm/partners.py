"""Values that MPDX and TntConnect share: partner statuses and frequencies."""

STATUSES = {
    "never contacted": "prospect",
    "ask in future": "prospect",
    "cultivate relationship": "prospect",
    "contact for appointment": "prospect",
    "appointment scheduled": "prospect",
    "call for decision": "asked",
    "partner - financial": "donor",
    "partner - special": "donor",
    "partner - pray": "prospect",
    "not interested": "declined",
    "unresponsive": "declined",
    "never ask": "declined",
    "research abandoned": "declined",
    "research contact info": "prospect",
    "expired referral": "declined",
    "none": "",
}
FREQUENCIES = {
    "fornightly": "biweekly",
    "fortnightly": "biweekly",
    "bi-weekly": "biweekly",
    "bi-monthly": "bimonthly",
    "semi-annual": "semiannual",
}
