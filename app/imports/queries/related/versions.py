"""Versions of pledges: the amounts and terms that held before those of today.

The rows of a pledge are its whole history: the first one starts with the pledge, the last one is
how the pledge stands. They are added where the pledge has no history yet.
"""

from collections.abc import Iterable

from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import RelatedKind, refuse
from app.imports.queries.related.pauses import find_pledge

_TERMS = ("frequency", "day", "grace_days", "fund_id")
# the day on which a frequency falls due, where it has one
_DAY = (
    "case when {side}.frequency in ('weekly', 'biweekly', 'once') then null"
    " when {side}.frequency = 'semimonthly' then {side}.anchor_day"
    " else coalesce({side}.anchor_day, extract(day from p.start_date))::bigint end"
)
_PLEDGE_DAY = _DAY.format(side="p")
_CURRENT = f"(p.frequency, {_PLEDGE_DAY}, p.grace_days, p.fund_id)"
_HISTORY = (
    "(exists (select from pledge_amount a where a.pledge_id = p.id)"
    " or exists (select from pledge_terms e where e.pledge_id = p.id))"
)
# how the stored pledge stood from the first day of a row on
_AMOUNT_THEN = """
    coalesce((select a.amount_minor from pledge_amount a where a.pledge_id = p.id
              and a.effective_from <= s.since order by a.effective_from desc limit 1),
             p.amount_minor)
"""
_TERMS_THEN = f"""
    (select row(e.frequency, {_DAY.format(side="e")}, e.grace_days, e.fund_id) from (
        select t.frequency, t.anchor_day::bigint, t.grace_days, t.fund_id, t.until_date
        from pledge_terms t where t.pledge_id = p.id and t.until_date > s.since
        union all
        select p.frequency, p.anchor_day::bigint, p.grace_days, p.fund_id, date 'infinity') e
     order by e.until_date limit 1)
"""
_STORED_DAYS = """
    (select count(*) from (
        select p.start_date union select t.until_date from pledge_terms t
        where t.pledge_id = p.id and t.until_date > p.start_date
        union select a.effective_from from pledge_amount a
        where a.pledge_id = p.id and a.effective_from > p.start_date) d)
"""


def _of(side: str, names: Iterable[str]) -> str:
    return f"row({', '.join(f'{side}.{name}' for name in names)})"


_SAME = f"""
    update {{table}} s set action = 'skip' from (
        select s.pledge_id from {{table}} s join pledge p on p.id = s.pledge_id
        where s.action is null
        group by s.pledge_id, p.id
        having count(*) = {_STORED_DAYS} and bool_and(
            s.amount_minor = {_AMOUNT_THEN}
            and {_of("s", _TERMS)} is not distinct from {_TERMS_THEN})) g
    where g.pledge_id = s.pledge_id and s.action is null
"""
_GROUP = """
    from (select pledge_id, min(since) as first, max(since) as last, bool_or(action is not null)
              as refused from {table} group by pledge_id) g join pledge p on p.id = g.pledge_id
    where s.action is null and g.pledge_id = s.pledge_id
"""
_REFUSE_GROUPS = (
    f"""
    update {{table}} s set action = 'error', field = 'since',
        reason = {problem_sql("version_before_start", day="p.start_date")}
    from pledge p where s.action is null and p.id = s.pledge_id and s.since < p.start_date
    """,
    f"""
    update {{table}} s set action = 'conflict', field = 'pledge',
        reason = {problem_sql("versions_differ")}
    {_GROUP} and {_HISTORY}
    """,
    f"""
    update {{table}} s set action = 'error', field = 'since',
        reason = {problem_sql("versions_incomplete", day="p.start_date")}
    {_GROUP} and (g.first <> p.start_date or g.refused)
    """,
    f"""
    update {{table}} s set action = 'conflict', field = 'pledge',
        reason = {problem_sql("version_not_current")}
    {_GROUP} and not exists (
        select from {{table}} o where o.pledge_id = g.pledge_id and o.since = g.last
            and o.amount_minor = p.amount_minor
            and {_of("o", _TERMS)} is not distinct from row{_CURRENT})
    """,
)
_STEPS = f"""
    from (select s.*, lag(s.amount_minor) over of_pledge as amount_before,
                 lead(s.since) over of_pledge as next_since,
                 lead(s.person_id) over of_pledge as next_person,
                 lead({_of("s", _TERMS)}::text) over of_pledge as next_terms,
                 {_of("s", _TERMS)}::text as terms
          from {{table}} s where s.action = 'create'
          window of_pledge as (partition by s.pledge_id order by s.since)) s
"""
VERSIONS = RelatedKind(
    table="pledge",
    shape={
        "since": "date",
        "amount_minor": "bigint",
        "currency": "text",
        "frequency": "text",
        "day": "bigint",
        "grace_days": "bigint",
        "fund_id": "bigint",
        "pledge_id": "bigint",
        "pledge_donor": "bigint",
        "pledge_currency": "text",
    },
    records="(select null::bigint as id, null::bigint as donor_id where false)",
    same="false",
    key="s.pledge_id, s.since",
    shown={
        "since": ("s.since", "null"),
        "amount_minor": ("s.amount_minor", "null"),
        "currency": ("s.currency", "null"),
        "frequency": ("s.frequency", "null"),
    },
    finds=(
        *find_pledge(),
        "update {table} s set pledge_currency = p.currency from pledge p where p.id = s.pledge_id",
        refuse(
            "s.currency <> s.pledge_currency", "currency", problem_sql("pledge_in_other_currency")
        ),
        """
        update {table} s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
        where f.source = :source and f.external_id = s.fund_ext or f.id = s.fund_own
            or s.fund_ext is null and lower(f.name) = lower(s.fund)
        """,
        refuse(
            "s.fund_id is null and coalesce(s.fund_ext, s.fund) is not null",
            "fund",
            problem_sql("fund_unknown", fund="coalesce(s.fund_ext, s.fund, '?')"),
        ),
        # only administrators say what others did: for anybody else the name is left out
        """
        update {table} s set person_id = u.id from app_user u
        where lower(u.email) = s.person_email and (:admin or u.id = :me)
        """,
    ),
    checks=(_SAME, *_REFUSE_GROUPS),
    before=(
        """
        insert into import_change (run_id, table_name, row_id, before, after)
        select distinct :run, 'pledge', p.id, to_jsonb(p), '{}'::jsonb from {table} s
        join pledge p on p.id = s.pledge_id where s.action = 'create'
        """,
    ),
    adds=(
        f"""
        insert into pledge_amount (pledge_id, effective_from, donor_id, amount_minor, reason,
                                   created_by, import_run_id)
        select s.pledge_id, s.since, s.pledge_donor, s.amount_minor,
            case when s.amount_minor > s.amount_before then 'upgrade' else 'downgrade' end,
            s.person_id, :run
        {_STEPS} where s.amount_minor <> s.amount_before order by s.pledge_id, s.since
        """,
        f"""
        insert into pledge_terms (pledge_id, until_date, donor_id, frequency, anchor_day,
                                  grace_days, fund_id, created_by, import_run_id)
        select s.pledge_id, s.next_since, s.pledge_donor, s.frequency, s.day, s.grace_days,
            s.fund_id, s.next_person, :run
        {_STEPS} where s.next_terms <> s.terms order by s.pledge_id, s.since
        """,
        """
        update pledge p set amount_minor = f.amount_minor, version = p.version + 1,
            updated_at = now()
        from (select distinct on (pledge_id) pledge_id, amount_minor from {table}
              where action = 'create' order by pledge_id, since) f
        where f.pledge_id = p.id
        """,
    ),
    donor="optional",
)
