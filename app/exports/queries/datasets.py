"""All kinds of export files: their columns, permissions and SQL."""

from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, day, decimal, ident, money, number, typed, yes
from app.exports.queries.dataset_kind import (
    DONOR_COLUMNS,
    FUND_COLUMNS,
    Kind,
    contacts,
    identifying_column,
    name_column,
)
from app.exports.queries.pledge_datasets import PLEDGES, REFUSED, VERSIONS
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
        **{
            name: yes(f"donor.{name}")
            for name in ("no_email", "no_phone", "no_mail", "deceased", "anonymous")
        },
        "notes": identifying_column("donor.notes"),
        "tags": typed(
            "(select string_agg(t.name, '; ' order by lower(t.name)) from donor_tag k"
            " join tag t on t.id = k.tag_id where k.donor_id = donor.id)"
        ),
        "custom": identifying_column("nullif(donor.custom, '{}')::text"),
        "first_gift": day("s.first_gift_date"),
        "last_gift": day("s.last_gift_date"),
        "gifts": number("s.gifts"),
    },
    "donor left join app_user u on u.id = donor.owner_id left join donor_address a"
    " on a.donor_id = donor.id and a.is_primary"
    " left join donor_summary s on s.donor_id = donor.id where {scope}",
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
        "split": typed(
            "(select string_agg(lf.name || ' ' || "
            + decimal("l.amount_minor", "g.currency")
            + ", '; ' order by l.id) from gift_line l left join fund lf on lf.id = l.fund_id"
            " where l.gift_id = g.id)"
        ),
        "pledge_id": ident("g.pledge_id"),
        "reverses_id": ident("g.reverses_id"),
        "fee": money("g.fee_minor", "g.currency"),
        "note": typed("g.note"),
        "thanked_on": day("g.thanked_at::date"),
        "receipt_number": typed("g.receipt_number"),
    },
    "gift g join donor on donor.id = g.donor_id left join fund f on f.id = g.fund_id"
    " where {scope}",
    "g.id",
    finance=True,
)
_FUNDS = Kind(
    "funds",
    "fund",
    "What gifts are for.",
    "savings",
    {"id": ident("f.id"), "name": typed("f.name"), "status": Column("f.status")},
    "fund f where true",
    "f.id",
    finance=True,
)
_TASKS = Kind(
    "tasks",
    "task",
    "What is to be done for whom, by when, and what is done.",
    "task_alt",
    {
        "id": ident("t.id"),
        "donor_id": ident("donor.id"),
        "donor_name": name_column("donor.name"),
        "type": Column("t.type"),
        "title": typed(
            "case when {hidden} then replace(t.title, donor.name, "
            f"'{ANONYMOUS}') else t.title end"
        ),
        "note": identifying_column("t.note"),
        "priority": number("t.priority"),
        "due_on": day("t.due_on"),
        "assignee_email": Column("u.email"),
        "done_on": day("t.done_at::date"),
    },
    "task t left join donor on donor.id = t.donor_id join app_user u on u.id = t.assignee_id"
    " where case when t.donor_id is null then {mine} else {scope} end",
    "t.id",
    importable=False,
)
_HOUSEHOLDS = Kind(
    "households",
    "household member",
    "Who belongs to which household.",
    "family_home",
    {
        "household_id": ident("h.id"),
        # a household's name contains the names of its members
        "household": typed(
            f"case when {{hidden}} or {{hidden_household}} then '{ANONYMOUS}' else h.name end"
        ),
        **DONOR_COLUMNS,
        "status": Column("donor.status"),
    },
    "donor join donor h on h.id = donor.household_id"
    " where {scope} and h.id in (select donor.id from donor where {scope})",
    "h.id, donor.id",
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
        REFUSED,
        _FUNDS,
        _HOUSEHOLDS,
        _TASKS,
        _FIGURES,
    )
}

__all__ = ["TABLE", "Holds", "Kind"]
