"""All kinds of export files: their columns, permissions and SQL."""

from app.exports.columns import Column, day, decimal, ident, money, number, typed, yes
from app.exports.queries.current_contacts import CURRENT_ADDRESS, current
from app.exports.queries.dataset_kind import (
    CONTACT_DETAILS,
    DONOR_COLUMNS,
    FUND_COLUMNS,
    HOME_CURRENCY,
    Kind,
    contacts,
    identifying_column,
    name_column,
)
from app.exports.queries.detail_datasets import ADDRESSES, EMAILS, PHONES, RELATIONS
from app.exports.queries.donor_datasets import (
    CONSENTS,
    CONTACTS,
    HOUSEHOLDS,
    REQUESTS,
    TAGS,
    TASKS,
)
from app.exports.queries.gift_datasets import CAMPAIGNS, FUNDS, SOFT_CREDITS
from app.exports.queries.pledge_datasets import PAUSES, PLEDGES, REFUSED, VERSIONS
from app.workbook_writer.cell_types import Holds

_NAMES = (
    "first_name",
    "last_name",
    "spouse_first_name",
    "spouse_last_name",
    "salutation",
    "envelope_name",
)
_DONORS = Kind(
    "donors",
    "donor",
    "Names, addresses, e-mails, phones, notes and tags.",
    "group",
    {
        "id": ident("donor.id"),
        "kind": Column("donor.kind"),
        "name": name_column("donor.name"),
        **{name: identifying_column(f"donor.{name}") for name in _NAMES},
        "status": Column("donor.status"),
        "owner_email": Column("u.email"),
        "email": identifying_column(contacts("email", primary=True)),
        "other_emails": identifying_column(contacts("email", primary=False)),
        "phone": identifying_column(contacts("phone", primary=True)),
        "other_phones": identifying_column(contacts("phone", primary=False)),
        **{
            name: identifying_column(f"a.{name}")
            for name in ("street", "city", "state", "postal_code", "country")
        },
        **{name: yes(f"donor.{name}") for name in ("no_email", "no_phone", "no_mail", "deceased")},
        "deceased_on": day("case when not {hidden} then donor.deceased_on end"),
        "preferred_language": identifying_column("donor.preferred_language"),
        "preferred_channel": identifying_column("donor.preferred_channel"),
        "anonymous": yes("donor.anonymous"),
        "notes": identifying_column("donor.notes"),
        "tags": typed(
            "(select string_agg(t.name, '; ' order by lower(t.name)) from donor_tag k"
            " join tag t on t.id = k.tag_id where k.donor_id = donor.id)"
        ),
        "custom": identifying_column("nullif(donor.custom, '{}')::text"),
        "contact_details": identifying_column(CONTACT_DETAILS),
        # the ones to use on the day of the file
        "current_email": identifying_column(current("email")),
        "current_phone": identifying_column(current("phone")),
        **{
            f"current_{name}": identifying_column(f"current.{name}")
            for name in ("street", "city", "state", "postal_code", "country")
        },
        # of the person or household, own gifts or soft credits, as chosen
        "first_gift": day("s.first_gift_date"),
        "last_gift": day("s.last_gift_date"),
        "gifts": number("coalesce(s.gifts, 0)"),
        "this_year": money("coalesce(s.year_minor, 0)", HOME_CURRENCY),
        "lifetime": money("coalesce(s.total_minor, 0)", HOME_CURRENCY),
    },
    "donor left join app_user u on u.id = donor.owner_id left join donor_address a"
    " on a.donor_id = donor.id and a.is_primary"
    f" left join lateral ({CURRENT_ADDRESS}) current on true"
    " left join {giving} s on s.donor_id = donor.id where {scope}",
    "donor.id",
)
_GIFTS = Kind(
    "gifts",
    "gift",
    "Every gift and refund with its donor, fund and pledge.",
    "redeem",
    {
        "id": ident("g.id"),
        **DONOR_COLUMNS,
        "gift_kind": Column("g.kind"),
        "amount": money("g.amount_minor", "g.currency"),
        "currency": Column("g.currency"),
        "gift_date": day("g.gift_date"),
        "method": Column("g.method"),
        **FUND_COLUMNS,
        "campaign": typed(
            "coalesce(c.name, (select min(lc.name) from gift_line l left join campaign lc"
            " on lc.id = l.campaign_id where l.gift_id = g.id"
            " having count(distinct coalesce(l.campaign_id, 0)) = 1))"
        ),
        "split": typed(
            "(select string_agg(lf.name || ' ' || "
            + decimal("l.amount_minor", "g.currency")
            + ", '; ' order by l.id) from gift_line l left join fund lf on lf.id = l.fund_id"
            " where l.gift_id = g.id)"
        ),
        "pledge_id": ident("g.pledge_id"),
        "reverses_id": ident("g.reverses_id"),
        "fee": money("g.fee_minor", "g.currency"),
        "household_id": ident(
            "coalesce(donor.household_id, case when donor.kind = 'household' then donor.id end)"
        ),
        # recognition of other donors, never more than what is left of the gift: no income
        "soft_credited": money(
            "(select least(sum(sc.amount_minor), g.amount_minor - g.returned_minor)"
            " from soft_credit sc where sc.gift_id = g.id having count(*) > 0)",
            "g.currency",
        ),
        "check_number": typed("g.check_number"),
        "receipt_wanted": Column("case when g.receipt_wanted then 'yes' else 'no' end"),
        "tribute": Column("g.tribute"),
        "tribute_name": identifying_column("g.tribute_name"),
        "notify_name": identifying_column("g.notify_name"),
        "notify_address": identifying_column("g.notify_address"),
        "note": typed("g.note"),
        "thanked_on": day("g.thanked_at::date"),
        "receipt_number": typed("g.receipt_number"),
    },
    "gift g join donor on donor.id = g.donor_id left join fund f on f.id = g.fund_id"
    " left join campaign c on c.id = g.campaign_id where {scope}",
    "g.id",
    finance=True,
)
_GOALS = Kind(
    "goals",
    "goal",
    "Every monthly goal that was set: whose, from which month on, by whom.",
    "flag",
    {
        "user_email": Column("u.email"),
        "user": typed("u.name"),
        "from_month": Column("to_char(monthly_goal.month, 'YYYY-MM')"),
        "goal": money("monthly_goal.minor", "o.currency"),
        "currency": Column("o.currency"),
        "set_by": typed("b.name"),
        "set_on": day("monthly_goal.set_at::date"),
    },
    "monthly_goal join app_user u on u.id = monthly_goal.user_id"
    " left join app_user b on b.id = monthly_goal.set_by_id"
    " cross join organisation o where {goals}",
    "monthly_goal.id",
    finance=True,
    importable=False,
)
# the figures of the dashboard: computed by app.insights, not read from a table
_FIGURES = Kind(
    "figures",
    "figure",
    "The numbers of the dashboard, one a line.",
    "monitoring",
    {
        "figure": Column(""),
        "of": Column(""),
        "value": Column("", Holds.EITHER),
        "currency": Column(""),
    },
    "",
    "",
    finance=True,
    importable=False,
)
TABLE = {
    kind.name: kind
    for kind in (
        _DONORS,
        _GIFTS,
        PLEDGES,
        VERSIONS,
        PAUSES,
        REFUSED,
        SOFT_CREDITS,
        FUNDS,
        CAMPAIGNS,
        HOUSEHOLDS,
        RELATIONS,
        EMAILS,
        PHONES,
        ADDRESSES,
        TAGS,
        CONSENTS,
        CONTACTS,
        TASKS,
        REQUESTS,
        _GOALS,
        _FIGURES,
    )
}

__all__ = ["TABLE", "Holds", "Kind"]
