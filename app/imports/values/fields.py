"""Importable fields of every kind of row, with their types and recognised header spellings."""

from dataclasses import replace

from app.imports.values.records import record_fields
from app.imports.values.records.field import Field
from app.imports.values.records.field import make as _field
from app.imports.values.records.field import more_words as _more_words

KINDS = ("donors", "gifts", "pledges", "funds", *record_fields.KINDS)


_DONOR = _more_words(
    "donor",
    _field(
        "name",
        "Name",
        words="full_name donor donor_name contact contact_name display_name "
        "who giver supporter partner "
        "account_name entity_name file_as organisation organization "
        "company organization_name organisation_name customer_name",
    ),
    _field(
        "first_name",
        "First name",
        words="first given_name firstname forename donor_first_name first_given_name",
    ),
    _field(
        "last_name",
        "Last name",
        words="last surname lastname family_name donor_last_name last_family_name "
        "last_name_or_organization last_name_organization",
    ),
    _field(
        "spouse_first_name", "Spouse first name", words="spouse partner_first_name spouse_name"
    ),
    _field("spouse_last_name", "Spouse last name"),
    _field(
        "email",
        "E-mail",
        words="e_mail email_address primary_email donor_email mail "
        "preferred_email customer_email e_mail_address",
    ),
    _field(
        "phone",
        "Phone",
        words="phone_number primary_phone telephone mobile mobile_phone cell "
        "donor_phone preferred_phone tel home_phone work_phone",
    ),
    _field(
        "street",
        "Street",
        words="street_address address address_1 address1 address_line_1 "
        "mailing_street mailing_street_address addr1 donor_address",
    ),
    _field("city", "City", words="town mailing_city"),
    _field("state", "State", words="state_province province region mailing_state county"),
    _field(
        "postal_code",
        "Postal code",
        words="zip zip_code postcode postalcode zip_postal_code mailing_postal_code plz",
    ),
    _field("country", "Country", words="mailing_country"),
    _field("custom", "A field of its own"),
)
_DONOR_ONLY = _more_words(
    "donor",
    _field(
        "kind",
        "Kind of donor",
        "choice:donor_kind",
        "donor_type type entity_type constituent_type person_type account_type",
    ),
    _field("salutation", "Salutation", words="greeting informal_name"),
    _field("envelope_name", "Envelope name", words="envelope_greeting formal_name addressee"),
    _field("status", "Status", "choice:donor_status"),
    _field("owner_email", "Fundraiser's e-mail", words="owner fundraiser"),
    _field("other_emails", "Other e-mails", words="email_2 secondary_email spouse_email"),
    _field("other_phones", "Other phones", words="phone_2 secondary_phone home_phone work_phone"),
    _field("no_email", "No e-mail", "flag", "do_not_email email_opt_out"),
    _field("no_phone", "No phone", "flag", "do_not_call"),
    _field("no_mail", "No post", "flag", "do_not_mail"),
    _field("deceased", "Deceased", "flag"),
    _field("deceased_on", "Day of death", "date", "date_of_death death_date deceased_date"),
    _field("preferred_language", "Preferred language", words="language"),
    _field("preferred_channel", "Preferred channel", "choice:channel", "preferred_contact_method"),
    _field("contact_details", "All contact details of an export"),
    _field("anonymous", "Gives anonymously", "flag", "anonymous_donor gives_anonymously"),
    _field("notes", "Notes", words="note comments comment remarks"),
    _field("tags", "Tags", words="tag groups labels"),
)
_DONOR_REFERENCE = _more_words(
    "donor",
    _field(
        "donor_external_id",
        "Donor id",
        "id",
        "donor_id entity_id contact_id constituent_id "
        "account_number people_id customer_id person_id supporter_id",
    ),
)
_FUND = _more_words(
    "gift",
    _field("fund_external_id", "Fund id", "id", "fund_id designation_id"),
    _field("fund", "Fund", words="fund_name designation project purpose cause campaign"),
    # “Campaign” alone is the fund of many systems: this field takes it beside a column of funds,
    # so that the word comes later here than among the spellings of the fund
    replace(
        _field("campaign", "Appeal or campaign"),
        words=(
            "appeal_or_campaign",
            "appeal",
            "campaign_title",
            "appeal_title",
            "fundraising_campaign",
            "marketing_campaign",
            "campaign_code",
            "appeal_code",
            "campaign",
        ),
        usual=9,
    ),
)
_MONEY = _more_words(
    "money",
    _field(
        "amount",
        "Amount",
        "amount",
        "gift_amount donation_amount total_amount sum value "
        "donation gross payment_amount amount_given pledge_amount commitment_amount betrag",
    ),
    _field("currency", "Currency", "currency", "currency_code iso_currency"),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "donors": (
        _field(
            "external_id",
            "Donor id",
            "id",
            "donor_id entity_id contact_id constituent_id "
            "account_number people_id id customer_id person_id",
        ),
        *_DONOR,
        *_DONOR_ONLY,
    ),
    "gifts": _more_words(
        "gift",
        *_MONEY,
        _field(
            "gift_date",
            "Date",
            "date",
            "date donation_date received received_date "
            "posted_date payment_date transaction_date date_received posted date_of_gift "
            "receive_date created_date datum created display_date",
        ),
        _field(
            "external_id",
            "Gift id",
            "id",
            "gift_id transaction_id donation_id payment_id "
            "reference receipt_id transaction id charge_id",
        ),
        *_DONOR_REFERENCE,
        *_DONOR,
        _field(
            "gift_kind", "Gift or refund", "choice:gift_kind", "transaction_type gift_type type"
        ),
        _field("gift_status", "Status of the payment", "choice:gift_status", "status"),
        _field("refunded_amount", "Amount refunded", "amount"),
        _field("outgoing", "Money going out", "amount"),
        _field(
            "method",
            "Method",
            "choice:method",
            "payment_method pay_method payment_type tender_type",
        ),
        *_FUND,
        _field("pledge_external_id", "Pledge id", "id", "pledge_id commitment_id"),
        _field(
            "reverses_external_id",
            "Refund of gift id",
            "id",
            "refund_of reverses_id original_transaction_id reference_txn_id",
        ),
        _field("split", "Split over funds", "split"),
        _field("credit_to", "Soft credit to", words="soft_credit_to soft_credit solicitor"),
        _field("credit_type", "Kind of soft credit", "choice:soft_credit", "soft_credit_type"),
        _field("fee", "Fee", "amount", "processing_fee fees"),
        _field("check_number", "Number of the cheque", words="cheque_number"),
        _field("receipt_wanted", "Receipt wanted", "flag"),
        _field("tribute", "In honour or in memory", "choice:tribute"),
        _field("tribute_name", "In honour or memory of whom"),
        _field("notify_name", "Whom to notify of the tribute"),
        _field("notify_address", "Address of whom to notify"),
        _field(
            "note",
            "Note",
            words="memo notes comment comments description message memo_description",
        ),
    ),
    "pledges": _more_words(
        "pledge",
        *_MONEY,
        _field(
            "frequency",
            "Frequency",
            "choice:frequency",
            "cadence pledge_frequency interval commitment_frequency how_often schedule",
        ),
        _field(
            "start_date",
            "Start",
            "day",
            "start pledge_start_date starts begins first_date start_on pledge_date",
        ),
        _field("external_id", "Pledge id", "id", "pledge_id commitment_id id"),
        *_DONOR_REFERENCE,
        *_DONOR,
        _field("status", "Status", "choice:pledge_status", "pledge_status"),
        _field("end_date", "End", "day", "end ends end_on last_date"),
        _field("anchor_day", "Day of the month", "number"),
        _field("instalments", "Number of instalments", "number", "installments"),
        _field("total", "Total promised", "amount", "total_amount total_pledged"),
        _field("grace_days", "Days of grace", "number"),
        *_FUND,
        _field("method", "Method", "choice:method", "payment_method"),
        _field("note", "Note", words="memo notes comment comments"),
    ),
    "funds": (
        _field("external_id", "Fund id", "id", "fund_id designation_id id code"),
        _field("name", "Name", words="fund fund_name designation title"),
        _field("status", "Status", "choice:fund_status", "active"),
        _field("gl_code", "GL code", words="gl_account ledger_account account_code"),
    ),
    **record_fields.FIELDS,
}
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    # each group needs at least one of its fields
    "donors": (("name", "first_name", "last_name"),),
    "gifts": (
        ("amount",),
        ("gift_date",),
        ("donor_external_id", "email", "name", "first_name", "last_name"),
    ),
    "pledges": (
        ("amount",),
        ("frequency",),
        ("start_date",),
        ("donor_external_id", "email", "name", "first_name", "last_name"),
    ),
    "funds": (("name",),),
    **record_fields.REQUIRED,
}
# prefix of the mapping target "custom field named after the column's header"
CUSTOM_PREFIX = "custom:"
DONOR_FIELDS = frozenset(field.name for field in _DONOR)


def field(kind: str, name: str) -> Field:
    """Return a field by its kind and name."""
    return next(candidate for candidate in FIELDS[kind] if candidate.name == name)


def missing(kind: str, names: set[str]) -> list[str]:
    """Return the labels of missing required fields; each entry is a field or alternatives."""
    return [
        " or ".join(field(kind, name).label.lower() for name in group)
        for group in REQUIRED[kind]
        if not names & set(group)
    ]
