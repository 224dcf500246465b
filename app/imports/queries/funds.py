"""Funds of a file: match them by id, then name; write them with set-based SQL."""

from sqlalchemy import text

from app.db import Session
from app.imports.queries.problems import problem_sql


def plan(db: Session, *, source: str, policy: str, may_change: bool) -> None:
    """Set the action of every staged fund."""
    values = {"source": source, "overwrite": policy == "overwrite", "may": may_change}
    for statement in _PLAN:
        db.execute(text(statement), values)


def write(db: Session, *, run_id: int, source: str) -> None:
    """Create and update the planned funds, storing before-images first."""
    for statement in _WRITE:
        db.execute(text(statement), {"run": run_id, "source": source})


_PLAN = (
    """
    update import_funds s set target_id = f.id from fund f
    where f.source = :source and f.external_id = s.ext_id
    """,
    "update import_funds s set target_id = f.id from fund f where f.id = s.own_id",
    f"""
    update import_funds s set target_id = f.id,
        action = case when f.external_id not like 'row:%' and s.ext_id not like 'row:%'
                      then 'conflict' end,
        field = 'name', reason = {problem_sql("fund_under_other_id")}
    from fund f where s.target_id is null and lower(f.name) = lower(s.name)
    """,
    # a fund that was merged into another: the other one keeps its name, status and code
    """
    update import_funds s set action = 'skip', target_id = f.merged_into_id from fund f
    where f.id = s.target_id and f.merged_into_id is not null
    """,
    f"""
    update import_funds s set action = 'conflict', field = 'name',
        reason = {problem_sql("fund_repeated", row="o.first")}
    from (select row, min(row) over (partition by coalesce('#' || target_id, lower(name))) as first
          from import_funds) o
    where o.row = s.row and o.first < s.row and s.action is null
    """,
    f"""
    update import_funds s set action = 'conflict', field = 'name',
        reason = {problem_sql("fund_name_taken")}
    from fund f where :overwrite and s.target_id is not null and s.action is null
        and lower(f.name) = lower(s.name) and f.id <> s.target_id
    """,
    """
    update import_funds s set
        target_version = f.version,
        field = nullif(concat_ws(', ',
            case when :overwrite and s.name <> btrim(f.name) then 'name' end,
            case when s.status <> f.status then 'status' end,
            case when s.gl_code is not null and s.gl_code is distinct from f.gl_code
                      and (:overwrite or f.gl_code is null) then 'code' end,
            case when coalesce(f.external_id, 'row:') like 'row:%' and s.own_id is null
                      and s.ext_id not like 'row:%'
                 then 'id' end), '')
    from fund f where f.id = s.target_id and s.action is null
    """,
    """
    update import_funds set action = case when target_id is null then 'create'
        when field is not null and :may then 'update' else 'skip' end,
        field = case when :may then field end
    where action is null
    """,
)
_WRITE = (
    """
    update import_funds set target_id = nextval(pg_get_serial_sequence('fund', 'id'))
    where action = 'create'
    """,
    """
    insert into fund (id, name, status, gl_code, source, external_id, import_run_id)
    select target_id, name, coalesce(status, 'active'), gl_code, :source, ext_id, :run
    from import_funds where action = 'create' order by row
    """,
    """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'fund', f.id, to_jsonb(f), '{}' from import_funds s
    join fund f on f.id = s.target_id where s.action = 'update'
    """,
    """
    update fund f set
        name = case when s.field like '%name%' then s.name else f.name end,
        status = coalesce(s.status, f.status),
        gl_code = case when s.field like '%code%' then s.gl_code else f.gl_code end,
        source = case when s.field like '%id%' then :source else f.source end,
        external_id = case when s.field like '%id%' then s.ext_id else f.external_id end,
        version = f.version + 1, updated_at = now()
    from import_funds s where s.action = 'update' and f.id = s.target_id
    """,
)
