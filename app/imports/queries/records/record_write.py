"""Write the planned contacts, tasks, consents and requests, and take those of a run back."""

from sqlalchemy import text

from app.db import Session
from app.imports.queries.records.record_kinds import RECORD_KINDS, RecordKind


def write(db: Session, *, kind: str, run_id: int, source: str) -> None:
    """Create and update the planned records, storing before-images first."""
    spec, table = RECORD_KINDS[kind], f"import_{kind}"
    statements = [*_create(spec, table), *(_update(spec, table) if spec.updates else ())]
    if kind == "contacts":
        statements.append(_LAST_CONTACT.format(donors=_STAGED_DONORS))
    for statement in statements:
        db.execute(text(statement), {"run": run_id, "source": source})


def take_back(db: Session, *, run_id: int) -> list[str]:
    """Delete the records that a run created; return a sentence for each one changed since."""
    values = {"run": run_id}
    kept = list(db.scalars(text(_KEPT), values))
    for statement in (*_REMEMBER_DONORS, *_DELETE, _LAST_CONTACT.format(donors=_REMEMBERED)):
        db.execute(text(statement), values)
    return kept


def _create(spec: RecordKind, table: str) -> tuple[str, str]:
    columns, values = ", ".join(spec.values), ", ".join(spec.values.values())
    return (
        f"""
        update {table} s set target_id = k.id from (
            select o.row, nextval(pg_get_serial_sequence('{spec.table}', 'id')) as id
            from (select row from {table} where action = 'create' order by row) o) k
        where k.row = s.row
        """,
        f"""
        insert into {spec.table} (id, donor_id, {columns}, {spec.user}, import_source,
                                  external_id, import_run_id)
        select s.target_id, s.donor_id, {values}, s.person_id, :source, s.ext_id, :run
        from {table} s where s.action = 'create' order by s.row
        """,
    )


def _update(spec: RecordKind, table: str) -> tuple[str, str]:
    """Return SQL that stores before-images and updates; an empty cell changes nothing."""
    sets = [f"{column} = {value}" for column, value in spec.updates.items()]
    if spec.versioned:
        sets += ["version = k.version + 1", "updated_at = now()"]
    return (
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, '{spec.table}', k.id, to_jsonb(k), '{{}}' from {table} s
        join {spec.table} k on k.id = s.target_id where s.action = 'update'
        on conflict do nothing
        """,
        f"""
        update {spec.table} k set {", ".join(sets)} from {table} s
        where s.action = 'update' and k.id = s.target_id
        """,
    )


# as `donors` keeps it: the day of the latest contact in the organisation's zone, without notes
_LAST_CONTACT = """
    update donor d set last_contacted_on = (
        select max((c.at at time zone coalesce((select time_zone from organisation), 'UTC'))::date)
        from contact_log c where c.donor_id = d.id and c.kind <> 'note')
    where d.id in ({donors})
"""
_STAGED_DONORS = (
    "select donor_id from import_contacts where action in ('create', 'update')"
    " and cast(:run as bigint) is not null and cast(:source as text) is not null"
)
_REMEMBERED = "select donor_id from run_contacts where cast(:run as bigint) is not null"
_REMEMBER_DONORS = (
    "drop table if exists run_contacts",
    """
    create temporary table run_contacts on commit drop as
    select donor_id from contact_log where import_run_id = :run
    union select k.donor_id from import_change c join contact_log k on k.id = c.row_id
    where c.run_id = :run and c.table_name = 'contact_log'
    """,
)
_KEPT = """
    (select 'Task ' || t.title || ' was changed by somebody since.' from task t
     where t.import_run_id = :run and t.version > 1 order by t.id)
    union all
    (select 'A request of ' || d.name || ' was changed by somebody since.' from care_request r
     join donor d on d.id = r.donor_id
     where r.import_run_id = :run and r.version > 1 order by r.id)
"""
_DELETE = (
    "delete from contact_log where import_run_id = :run",
    "delete from donor_consent where import_run_id = :run",
    "delete from task where import_run_id = :run and version = 1",
    "delete from care_request where import_run_id = :run and version = 1",
)
