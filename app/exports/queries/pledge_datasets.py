"""Export files of pledges: their columns and SQL."""

from app.exports.columns import Column, day, ident, money, number, typed
from app.exports.queries.dataset_kind import DONOR_COLUMNS, FUND_COLUMNS, Kind, identifying_column

PLEDGES = Kind(
    "pledges",
    "pledge",
    "What was promised, how often, and since when.",
    "event_repeat",
    {
        "id": ident("p.id"),
        **DONOR_COLUMNS,
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
        **FUND_COLUMNS,
        "campaign": typed("c.name"),
        "method": Column("p.method"),
        "note": typed("p.note"),
    },
    "pledge p join donor on donor.id = p.donor_id left join fund f on f.id = p.fund_id"
    " left join campaign c on c.id = p.campaign_id where {scope}",
    "p.id",
)
# one row per day on which the amount or the terms changed; the first is the pledge as created
VERSIONS = Kind(
    "pledge-versions",
    "pledge version",
    "How much was promised, how often, on which day and for what, with the days it held.",
    "history",
    {
        "pledge_id": ident("p.id"),
        **DONOR_COLUMNS,
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
        **FUND_COLUMNS,
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
)
PAUSES = Kind(
    "pledge-pauses",
    "pledge pause",
    "Times in which nothing was expected of a pledge.",
    "pause_circle",
    {
        "id": ident("k.id"),
        "pledge_id": ident("p.id"),
        **DONOR_COLUMNS,
        "pause_starts": day("k.starts_on"),
        "pause_ends": day("k.ends_on"),
        "pause_reason": identifying_column("k.reason"),
    },
    "pledge_pause k join pledge p on p.id = k.pledge_id join donor on donor.id = p.donor_id"
    " where {scope}",
    "k.id",
)
REFUSED = Kind(
    "refused-links",
    "refused link",
    "Gifts that a user marked as not for a pledge.",
    "link_off",
    {
        "gift_id": ident("g.id"),
        "pledge_id": ident("p.id"),
        **DONOR_COLUMNS,
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
    importable=False,
)
