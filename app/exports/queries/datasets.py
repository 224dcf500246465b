"""All kinds of export files: their columns, permissions and SQL."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, day, decimal, ident, money, number, typed, yes
from app.workbook_writer.cell_types import Holds


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export file; `{scope}` in `source` is replaced by the actor's scope.

    `{hidden}` in a column is the condition that the actor may not see the donor's name.
    `{mine}` is the condition for rows without a donor, which only the assignee may see. A kind
    without a source is not read with SQL.
    """

    name: str
    # noun for one row
    one: str
    says: str
    icon: str
    columns: Mapping[str, Column]
    source: str
    # the ORDER BY of the rows: their id
    key: str
    # whether the role finance may export it
    finance: bool = False
    # whether the file can be imported again
    returns: bool = True

    @property
    def about_people(self) -> bool:
        """Return whether the rows name donors."""
        return self.name == "donors" or "donor_id" in self.columns


def _joined(child: str, *, primary: bool) -> str:
    if primary:
        return (
            f"(select k.{child} from donor_{child} k where k.donor_id = donor.id and is_primary)"
        )
    return (
        f"(select string_agg(k.{child}, '; ' order by k.id) from donor_{child} k"
        f" where k.donor_id = donor.id and not k.is_primary)"
    )


def _named(expression: str) -> Column:
    """Return a column of a donor's name, masked where the reader may not see it."""
    return typed(f"case when {{hidden}} then '{ANONYMOUS}' else {expression} end")


def _seen(expression: str) -> Column:
    """Return a column of identifying data, empty where the reader may not see the name."""
    return typed(f"case when not coalesce({{hidden}}, false) then {expression} end")


_WHO = {
    "donor_id": ident("donor.id"),
    "donor_name": _named("donor.name"),
    "donor_email": _seen(_joined("email", primary=True)),
}
_FUND = {"fund_id": ident("f.id"), "fund": typed("f.name")}
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
        "name": _named("donor.name"),
        **{name: _seen(f"donor.{name}") for name in _NAMES},
        "status": Column("donor.status"),
        "owner_email": Column("u.email"),
        "email": _seen(_joined("email", primary=True)),
        "other_emails": _seen(_joined("email", primary=False)),
        "phone": _seen(_joined("phone", primary=True)),
        "other_phones": _seen(_joined("phone", primary=False)),
        **{
            name: _seen(f"a.{name}")
            for name in ("street", "city", "state", "postal_code", "country")
        },
        **{
            name: yes(f"donor.{name}")
            for name in ("no_email", "no_phone", "no_mail", "deceased", "anonymous")
        },
        "notes": _seen("donor.notes"),
        "tags": typed(
            "(select string_agg(t.name, '; ' order by lower(t.name)) from donor_tag k"
            " join tag t on t.id = k.tag_id where k.donor_id = donor.id)"
        ),
        "custom": _seen("nullif(donor.custom, '{}')::text"),
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
        **_WHO,
        "gift_kind": Column("g.kind"),
        "amount": money("g.amount_minor", "g.currency"),
        "currency": Column("g.currency"),
        "gift_date": day("g.gift_date"),
        "method": Column("g.method"),
        **_FUND,
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
_PLEDGES = Kind(
    "pledges",
    "pledge",
    "What was promised, how often, and since when.",
    "event_repeat",
    {
        "id": ident("p.id"),
        **_WHO,
        "amount": money(
            "coalesce((select v.amount_minor from pledge_amount v where v.pledge_id = p.id"
            " order by v.effective_from desc limit 1), p.amount_minor)",
            "p.currency",
        ),
        "currency": Column("p.currency"),
        "frequency": Column("p.frequency"),
        "status": Column("p.status"),
        "start_date": day("p.start_date"),
        "end_date": day("p.end_date"),
        "anchor_day": number("p.anchor_day"),
        "instalments": number("p.instalments"),
        "total": money("p.total_minor", "p.currency"),
        "grace_days": number("p.grace_days"),
        **_FUND,
        "method": Column("p.method"),
        "note": typed("p.note"),
    },
    "pledge p join donor on donor.id = p.donor_id left join fund f on f.id = p.fund_id"
    " where {scope}",
    "p.id",
)
# one row per day on which the amount or the terms changed; the first is the pledge as created
_VERSIONS = Kind(
    "pledge-versions",
    "pledge version",
    "How much was promised, how often, on which day and for what, with the days it held.",
    "history",
    {
        "pledge_id": ident("p.id"),
        **_WHO,
        "since": day("v.since"),
        "until": day("coalesce(v.until, case when p.end_date >= v.since then p.end_date end)"),
        "amount": money(
            "coalesce((select c.amount_minor from pledge_amount c where c.pledge_id = p.id"
            " and c.effective_from <= v.since order by c.effective_from desc limit 1),"
            " p.amount_minor)",
            "p.currency",
        ),
        "currency": Column("p.currency"),
        "frequency": Column("v.frequency"),
        "day_of_month": number(
            "case when v.frequency = 'semimonthly' then v.anchor_day"
            " when v.frequency not in ('weekly', 'biweekly', 'once')"
            " then coalesce(v.anchor_day, extract(day from p.start_date)::int) end"
        ),
        "grace_days": number("v.grace_days"),
        **_FUND,
        "changed_by": Column(
            "(select u.email from app_user u where u.id = coalesce("
            "(select c.created_by from pledge_terms c where c.pledge_id = p.id"
            " and c.until_date = v.since), (select c.created_by from pledge_amount c"
            " where c.pledge_id = p.id and c.effective_from = v.since)))"
        ),
    },
    "pledge p join donor on donor.id = p.donor_id cross join lateral ("
    " select d.since, lead(d.since) over (order by d.since) - 1 as until, t.*"
    " from (select p.start_date as since"
    " union select k.until_date from pledge_terms k where k.pledge_id = p.id"
    " and k.until_date > p.start_date"
    " union select k.effective_from from pledge_amount k where k.pledge_id = p.id"
    " and k.effective_from > p.start_date) d cross join lateral ("
    " select k.frequency, k.anchor_day, k.grace_days, k.fund_id from ("
    " select e.frequency, e.anchor_day, e.grace_days, e.fund_id, e.until_date from pledge_terms e"
    " where e.pledge_id = p.id and e.until_date > d.since union all"
    " select p.frequency, p.anchor_day, p.grace_days, p.fund_id, 'infinity'::date) k"
    " order by k.until_date limit 1) t) v"
    " left join fund f on f.id = v.fund_id where {scope}",
    "p.id, v.since",
    returns=False,
)
_REFUSED = Kind(
    "refused-links",
    "refused link",
    "Gifts of which somebody said: not for this pledge.",
    "link_off",
    {
        "gift_id": ident("g.id"),
        "pledge_id": ident("p.id"),
        **_WHO,
        "amount": money("g.amount_minor", "g.currency"),
        "currency": Column("g.currency"),
        "gift_date": day("g.gift_date"),
        "pledge_frequency": Column("p.frequency"),
        "pledge_start": day("p.start_date"),
        "refused_by": Column("u.email"),
        "refused_on": day("r.created_at::date"),
    },
    "pledge_refusal r join gift g on g.id = r.gift_id join pledge p on p.id = r.pledge_id"
    " join donor on donor.id = g.donor_id left join app_user u on u.id = r.refused_by"
    " where {scope} and p.donor_id in (select donor.id from donor where {scope})",
    "r.gift_id, r.pledge_id",
    finance=True,
    returns=False,
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
        "donor_name": _named("donor.name"),
        "type": Column("t.type"),
        "title": typed(
            "case when {hidden} then replace(t.title, donor.name, "
            f"'{ANONYMOUS}') else t.title end"
        ),
        "note": _seen("t.note"),
        "priority": number("t.priority"),
        "due_on": day("t.due_on"),
        "assignee_email": Column("u.email"),
        "done_on": day("t.done_at::date"),
    },
    "task t left join donor on donor.id = t.donor_id join app_user u on u.id = t.assignee_id"
    " where case when t.donor_id is null then {mine} else {scope} end",
    "t.id",
    returns=False,
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
        **_WHO,
        "status": Column("donor.status"),
    },
    "donor join donor h on h.id = donor.household_id"
    " where {scope} and h.id in (select donor.id from donor where {scope})",
    "h.id, donor.id",
    returns=False,
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
    returns=False,
)
TABLE = {
    kind.name: kind
    for kind in (
        _DONORS,
        _GIFTS,
        _PLEDGES,
        _VERSIONS,
        _REFUSED,
        _FUNDS,
        _HOUSEHOLDS,
        _TASKS,
        _FIGURES,
    )
}

__all__ = ["TABLE", "Holds", "Kind"]
