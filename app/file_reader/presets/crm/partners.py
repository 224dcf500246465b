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
# TntConnect writes a phase of the relationship by name or by number; 0 is none
PHASES = {
    "0": "None",
    "10": "Never Contacted",
    "20": "Ask in Future",
    "30": "Contact for Appointment",
    "40": "Appointment Scheduled",
    "50": "Call for Decision",
    "60": "Partner - Financial",
    "70": "Partner - Special",
    "80": "Partner - Pray",
    "90": "Not Interested",
    "95": "Unresponsive",
    "100": "Never Ask",
    "110": "Research Abandoned",
    "120": "Research Contact Info",
    "130": "Expired Referral",
}
FREQUENCIES = {
    "fornightly": "biweekly",
    "fortnightly": "biweekly",
    "bi-weekly": "biweekly",
    "bi-monthly": "bimonthly",
    "semi-annual": "semiannual",
}


# TntConnect writes a frequency as the months from one gift to the next: a week is 3/13 of a month.
# What DonorCRM has no frequency for stays unknown, and is asked.
MONTHS_PER_GIFT = (
    FREQUENCIES
    | {
        f"{months:.{decimals}f}": frequency
        for months, frequency in ((3 / 13, "weekly"), (6 / 13, "biweekly"), (0.5, "semimonthly"))
        for decimals in range(2, 17)
    }
    | {
        text: frequency
        for months, frequency in {
            "1": "monthly",
            "2": "bimonthly",
            "3": "quarterly",
            "4": "every four months",
            "6": "semiannual",
            "12": "annual",
            "24": "every two years",
        }.items()
        for text in (months, f"{months}.0", f"{months}.00")
    }
    | {"0": "", "0.5": "semimonthly", "-7": "weekly", "-14": "biweekly"}
)
