"""Spellings in files of this application's enumerations: frequency, method, status and others."""

import re

CHOICES: dict[str, dict[str, str]] = {}


def _add_choice(name: str, **words: str) -> None:
    CHOICES[name] = {
        word: value.replace("_", " ")
        for value, spellings in words.items()
        for word in (
            value.replace("_", " "),
            *(spelling.strip() for spelling in spellings.split("|")),
        )
    }


_add_choice(
    "frequency",
    weekly="week|every week|per week|52|1 week|w",
    biweekly="bi-weekly|fortnightly|fornightly|every two weeks|every 2 weeks|every other week|26",
    semimonthly="semi-monthly|twice a month|twice monthly|24|1st and 15th",
    monthly="month|every month|per month|12|m|mo|month(s)",
    bimonthly="bi-monthly|every two months|every 2 months|every other month|6",
    quarterly="quarter|every quarter|every three months|every 3 months|4|q",
    semiannual="semi-annual|semiannually|semi-annually|half-yearly|half yearly|twice a year|"
    "every six months|every 6 months|biannual|2",
    annual="annually|yearly|year|every year|per year|once a year|1|a|y",
    once="one-time|one time|onetime|single|one-off|one off|lump sum|none|one time gift",
)
_add_choice(
    "method",
    cash="coin|coins",
    check="cheque|checks|personal check|business check|chk|ck",
    card="credit card|debit card|credit|visa|mastercard|amex|american express|cc|creditcard",
    bank_transfer="wire|wire transfer|bank|transfer|sepa|iban|eft|electronic funds transfer",
    direct_debit="ach|standing order|bankdraft|bank draft|debit|autopay|auto debit",
    online="paypal|stripe|web|website|online giving|venmo|apple pay|google pay|zelle",
    in_kind="gift in kind|gifts in kind|in-kind|goods|gik",
    stock="securities|shares|stocks",
    other="misc|miscellaneous|unknown",
)
_add_choice(
    "donor_kind",
    person="individual|people|contact|human|single|person/individual|constituent",
    household="family|couple|joint|married|family/household",
    organisation="organization|org|church|business|company|corporation|foundation|non-profit|"
    "nonprofit|charity|school|government|institution|trust|ministry|corporate|group|club",
)
_add_choice(
    "donor_status", prospect="new", asked="", donor="active", lapsed="inactive", declined="no"
)
_add_choice(
    "fund_status",
    active="open|yes|true|1|current|enabled",
    closed="inactive|no|false|0|archived|disabled|ended",
)
_add_choice(
    "pledge_status",
    active="open|current|ongoing|in progress|yes|true|1|live|pending",
    paused="on hold|hold|suspended|pause",
    completed="complete|fulfilled|paid|finished|done|closed|paid in full",
    cancelled="canceled|cancel|ended|inactive|stopped|lapsed|written off|terminated|no",
)
_add_choice(
    "gift_kind",
    gift="donation|payment|contribution|received",
    reversal="refund|refunded|chargeback|bounced|returned|reversed|void",
)
_add_choice(
    "soft_credit",
    spouse="partner|husband|wife|household member",
    employer_match="match|matched|matching|matching gift|employer|workplace giving",
    tribute="memorial|in memory of|in honor of|in honour of",
    solicitor="fundraiser|solicited|pcp|solicitor credit",
)
CHOICES["soft_credit"]["donor-advised fund"] = "donor-advised fund"
CHOICES["soft_credit"]["daf"] = "donor-advised fund"
_add_choice("flag", yes="true|1|y|x|t|on|ja|oui|si|sí", no="false|0|n|f|off|nein|non|-")


def choose(name: str, text: str) -> str | None:
    """Return the application's value for a file's word, or None when it is unknown."""
    word = re.sub(r"[\s_]+", " ", text.strip().lower()).strip(" .")
    return CHOICES[name].get(word)


def options(name: str) -> tuple[str, ...]:
    """Return the application's values of an enumeration."""
    return tuple(dict.fromkeys(CHOICES[name].values()))


def allowed(name: str) -> str:
    """Return the values of an enumeration as a comma-separated list, for a message."""
    return ", ".join(options(name))
