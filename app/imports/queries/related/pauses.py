"""Pauses of pledges, which name the pledge by its id."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.records.record_kinds import stored_text
from app.imports.queries.related.kind import (
    Change,
    RelatedKind,
    plain_change,
    refuse,
    refuse_swapped,
)

_UNKNOWN = problem_sql("pledge_not_found", pledge="coalesce(s.pledge_ext, '?')")


def _pledge(condition: str) -> str:
    """Return a statement that finds the pledge of each row among those the actor may change."""
    return f"""
        update {{table}} s set pledge_id = p.id, pledge_donor = p.donor_id
        from pledge p join donor on donor.id = p.donor_id and {{scope}}
        where s.pledge_id is null and {condition}
    """


def find_pledge() -> tuple[str, ...]:
    """Return the statements that find the pledge of each row, and its donor."""
    return (
        _pledge("p.source = :source and p.external_id = s.pledge_ext"),
        _pledge("p.id = s.pledge_own"),
        refuse("s.pledge_id is null", "pledge", _UNKNOWN),
        refuse(
            "s.donor_id <> s.pledge_donor",
            "donor",
            problem_sql("pledge_of_other_donor"),
            action="conflict",
        ),
        "update {table} s set donor_id = s.pledge_donor where s.action is null",
    )


_OVERLAP = "{a}.starts_on <= coalesce({b}.ends_on, 'infinity')"
_BOTH = " and ".join(
    (_OVERLAP.format(a="s", b="k"), _OVERLAP.format(a="k", b="s"), "k.pledge_id = s.pledge_id")
)
PAUSES = RelatedKind(
    table="pledge_pause",
    shape={
        "starts_on": "date",
        "ends_on": "date",
        "pause_reason": "text",
        "pledge_id": "bigint",
        "pledge_donor": "bigint",
    },
    values={
        "pledge_id": "s.pledge_id",
        "starts_on": "s.starts_on",
        "ends_on": "s.ends_on",
        "reason": "s.pause_reason",
    },
    # a pledge has one open pause at most; that of an imported status starts on another day
    same=(
        "k.pledge_id = s.pledge_id and (k.starts_on = s.starts_on"
        " or k.ends_on is null and s.ends_on is null)"
    ),
    key="s.pledge_id, s.starts_on",
    shown={
        "from": ("s.starts_on", "k.starts_on"),
        "to": ("s.ends_on", "k.ends_on"),
        "reason": ("s.pause_reason", "k.reason"),
    },
    changes={
        "from": Change("s.starts_on", "k.starts_on", "false", {"starts_on": "s.starts_on"}),
        "to": plain_change("ends_on"),
        "reason": Change(
            "s.pause_reason",
            stored_text("k.reason"),
            "k.reason is null",
            {"reason": "s.pause_reason"},
        ),
    },
    finds=find_pledge(),
    checks=(
        refuse_swapped("pledge_pause", "starts_on", "ends_on", "pause_ends"),
        f"""
        update {{table}} s set action = 'conflict', field = 'from',
            reason = {problem_sql("pause_overlaps")}
        from pledge_pause k where (s.action is null or s.action = 'update')
            and k.id is distinct from s.target_id and {_BOTH}
            and not exists (select from {{table}} o where o.target_id = k.id
                            and o.action = 'update')
        """,
        f"""
        update {{table}} s set action = 'conflict', field = 'from',
            reason = {problem_sql("pause_overlaps")}
        from {{table}} k where (s.action is null or s.action = 'update') and k.row < s.row
            and (k.action is null or k.action in ('update', 'skip')) and {_BOTH}
        """,
    ),
    # the pledge counts as changed: its alerts follow, and an undo sees later changes
    before=(
        """
        insert into import_change (run_id, table_name, row_id, before, after)
        select distinct :run, 'pledge', p.id, to_jsonb(p), '{}'::jsonb from {table} s
        join pledge p on p.id = s.pledge_id where s.action in ('create', 'update')
        """,
        """
        update pledge p set version = p.version + 1, updated_at = now()
        where p.id in (select s.pledge_id from {table} s where s.action in ('create', 'update'))
        """,
    ),
    donor="optional",
    dated=True,
)
