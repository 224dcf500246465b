"""Campaigns with their dates, their goal and their fund."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import (
    Change,
    RelatedKind,
    one_line,
    plain_change,
    refuse,
    refuse_swapped,
    span_change,
)

_FUND_UNKNOWN = problem_sql("fund_unknown", fund="coalesce(s.fund_ext, s.fund, '?')")


def _fund(side: str) -> str:
    return f"(select f.name from fund f where f.id = {side}.fund_id)"


CAMPAIGNS = RelatedKind(
    table="campaign",
    shape={
        "name": "text",
        "status": "text",
        "fund_id": "bigint",
        "starts_on": "date",
        "ends_on": "date",
        "goal_minor": "bigint",
    },
    values={
        "name": "s.name",
        "status": "coalesce(s.status, 'active')",
        **{name: f"s.{name}" for name in ("fund_id", "starts_on", "ends_on", "goal_minor")},
    },
    # every name of a campaign, also of those that were merged into it
    records=(
        "(select c.*, n.name as known, null::bigint as donor_id from campaign n"
        " join campaign c on c.id = coalesce(n.merged_into_id, n.id))"
    ),
    same="lower(k.known) = lower(s.name)",
    key="lower(s.name)",
    shown={
        "name": ("s.name", "k.name"),
        "status": ("s.status", "k.status"),
        "fund": (_fund("s"), _fund("k")),
        "dates": (
            "nullif(concat_ws(' – ', s.starts_on, s.ends_on), '')",
            "nullif(concat_ws(' – ', k.starts_on, k.ends_on), '')",
        ),
        "goal_minor": ("s.goal_minor", "k.goal_minor"),
        "currency": ("(select currency from organisation)", "null"),
    },
    changes={
        "name": Change(
            "case when s.own_id = s.target_id then s.name end",
            one_line("k.name"),
            "false",
            {"name": "s.name"},
        ),
        "status": Change("s.status", "k.status", "false", {"status": "s.status"}),
        "fund": plain_change("fund_id"),
        "dates": span_change("starts_on", "ends_on"),
        "goal": plain_change("goal_minor"),
    },
    finds=(
        """
        update {table} s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
        where f.source = :source and f.external_id = s.fund_ext
        """,
        """
        update {table} s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
        where s.fund_id is null and f.id = s.fund_own
        """,
        """
        update {table} s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
        where s.fund_id is null and lower(f.name) = lower(s.fund)
        """,
        refuse(
            "s.fund_id is null and coalesce(s.fund_ext, s.fund) is not null",
            "fund",
            _FUND_UNKNOWN,
        ),
    ),
    checks=(
        f"""
        update {{table}} s set action = 'conflict', field = 'name',
            reason = {problem_sql("campaign_name_taken")}
        from campaign k where s.action = 'update' and k.id <> s.target_id
            and lower(k.name) = lower(s.name) and 'name' = any(string_to_array(s.field, ', '))
        """,
        refuse_swapped("campaign", "starts_on", "ends_on", "ends_on"),
    ),
    elsewhere="false",
    donor="none",
    versioned=True,
    administrators=True,
)
