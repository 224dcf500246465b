"""Importable fields of what belongs to donors, gifts and pledges: tags, soft credits, others."""

from app.imports.values.records.field import Field, make

KINDS = (
    "campaigns",
    "tags",
    "emails",
    "phones",
    "addresses",
    "households",
    "relations",
    "soft-credits",
    "pledge-pauses",
    "pledge-versions",
)
# of the others a file only adds some
CHANGING = frozenset(KINDS) - {"tags", "relations", "pledge-versions"}
_ID = make("external_id", "Id", "id", "id")
_DONOR_ID = make(
    "donor_external_id", "Donor id", "id", "donor_id contact_id constituent_id entity_id"
)
DONOR = (_DONOR_ID, make("email", "E-mail", words="donor_email email_address"))
_PLEDGE = make("pledge_external_id", "Pledge id", "id", "pledge_id commitment_id")
_USE = (
    make("primary", "Primary", "flag", "is_primary preferred default main"),
    make("do_not_use", "Do not use", "flag", "invalid bounced bad"),
)
_DETAIL_TYPE = make("type", "Type", "choice:contact_type", "kind location label")
FIELDS: dict[str, tuple[Field, ...]] = {
    "campaigns": (
        make("external_id", "Campaign id", "id", "id campaign_id appeal_id"),
        make("name", "Name", words="campaign campaign_name appeal title"),
        make("status", "Status", "choice:fund_status", "active"),
        make("fund_external_id", "Fund id", "id", "fund_id designation_id"),
        make("fund", "Fund", words="fund_name designation"),
        make("starts_on", "Starts on", "day", "start start_date starts"),
        make("ends_on", "Ends on", "day", "end end_date ends"),
        make("goal", "Goal", "amount", "target goal_amount campaign_goal"),
        make("goal_currency", "Currency of the goal", "currency", "currency"),
    ),
    "tags": (*DONOR, make("tag", "Tag", words="tag_name label group keyword")),
    "emails": (
        _ID,
        _DONOR_ID,
        make("donor_email", "An e-mail of the donor known here"),
        make("email", "E-mail", words="email_address mail"),
        _DETAIL_TYPE,
        *_USE,
    ),
    "phones": (
        _ID,
        *DONOR,
        make("phone", "Phone", words="phone_number telephone number"),
        _DETAIL_TYPE,
        *_USE,
    ),
    "addresses": (
        _ID,
        *DONOR,
        make("street", "Street", words="street_address address address_1 address_line_1"),
        make("city", "City", words="town"),
        make("state", "State", words="state_province province region county"),
        make("postal_code", "Postal code", words="zip zip_code postcode"),
        make("country", "Country"),
        make("type", "Type", "choice:address_type", "kind location label"),
        *_USE,
        make("season_from", "Season from (month-day)", words="seasonal_start"),
        make("season_to", "Season to (month-day)", words="seasonal_end"),
        make("valid_from", "Valid from", "day", "start_date"),
        make("valid_to", "Valid to", "day", "end_date"),
    ),
    "households": (
        make("household_external_id", "Household id", "id", "household_id"),
        make("household_name", "Household", words="household name"),
        *DONOR,
        make("head", "Head of the household", "flag", "is_head household_head primary"),
        make("household_salutation", "Salutation of the household", words="salutation"),
        make("household_envelope_name", "Envelope name of the household", words="envelope_name"),
    ),
    "relations": (
        _ID,
        *DONOR,
        make("relation", "Relation", "choice:relation", "type relationship relationship_type"),
        make("other_external_id", "Id of the other donor", "id", "other_id related_id"),
        make(
            "other_email",
            "E-mail of the other donor",
            words="related_email related_e_mail other_e_mail",
        ),
    ),
    "soft-credits": (
        _ID,
        make("gift_external_id", "Gift id", "id", "gift_id transaction_id donation_id"),
        *DONOR,
        make("credit_type", "Kind of soft credit", "choice:soft_credit", "type soft_credit_type"),
        make("amount", "Amount", "amount", "soft_credit_amount credited_amount"),
        make("currency", "Currency", "currency", "currency_code"),
    ),
    "pledge-pauses": (
        _ID,
        _PLEDGE,
        *DONOR,
        make("pause_starts", "Paused from", "day", "starts start start_date from"),
        make("pause_ends", "Paused to", "day", "ends end end_date to"),
        make("pause_reason", "Reason", words="note"),
    ),
    "pledge-versions": (
        _PLEDGE,
        *DONOR,
        make("since", "Since", "day", "from start start_date effective_from"),
        make("amount", "Amount", "amount", "pledge_amount"),
        make("currency", "Currency", "currency", "currency_code"),
        make("frequency", "Frequency", "choice:frequency", "cadence interval"),
        make("day_of_month", "Day of the month", "number"),
        make("grace_days", "Days of grace", "number"),
        make("fund_external_id", "Fund id", "id", "fund_id"),
        make("fund", "Fund", words="fund_name designation"),
        make("changed_by", "Changed by (e-mail)"),
    ),
}
_ANY_DONOR = ("donor_external_id", "email")
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "campaigns": (("name",),),
    "tags": (("tag",),),
    "emails": (("email",), ("donor_external_id", "donor_email")),
    "phones": (("phone",), _ANY_DONOR),
    "addresses": (("street", "city", "postal_code"), _ANY_DONOR),
    "households": (("household_external_id", "household_name"), _ANY_DONOR),
    "relations": (("relation",), ("other_external_id", "other_email"), _ANY_DONOR),
    "soft-credits": (("gift_external_id",), ("credit_type",), _ANY_DONOR),
    "pledge-pauses": (("pledge_external_id",), ("pause_starts",)),
    "pledge-versions": (("pledge_external_id",), ("since",), ("amount",), ("frequency",)),
}
