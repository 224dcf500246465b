"""Databases and backups of development versions before the migrations were squashed.

The migrations 20261123_core to 20261214_standard_names became 0001 to 0013, which create the same
schema. A database at the last of them, or at the one before, gets the names of the new schema and
then counts as migrated to 0013; older ones are rejected.
"""

import re
from datetime import timedelta

from sqlalchemy import Connection, text

from app.db.statements import timeouts
from app.kit.errors import ConfigurationError, InvalidError

BEFORE_NAMES, LAST = "20261213_pledge_income_index", "20261214_standard_names"
EQUAL = "0013_row_level_security"
OLDER = re.compile(r"\d{8}_\w+")

TABLES = {
    "mail_deed": "email_action",
    "kept_answer": "idempotency_key",
    "regular_export": "scheduled_export",
}
FUNCTIONS = {
    "wall_user": "rls_user",
    "wall_looker": "rls_viewer",
    "wall_owners": "rls_owners",
    "wall_writes": "rls_writes",
    "wall_admin": "rls_admin",
    "wall_problem": "rls_problem",
    "wall_enter": "rls_enter",
}
# the policies are built again after every upgrade
DROP_POLICIES = r"""
do $$
declare item record;
begin
    for item in select tablename, policyname from pg_policies
                where schemaname = current_schema() and policyname like 'wall\_%' loop
        execute format('drop policy %I on %I', item.policyname, item.tablename);
    end loop;
end $$
"""
INDEXES = """
    select indexname from pg_indexes where schemaname = current_schema() and tablename = :table
"""
CONSTRAINTS = """
    select conname from pg_constraint
    where conrelid = cast(:table as regclass) and contype in ('c', 'f', 'n')
        and position(cast(:old as text) in conname) > 0
"""
SEQUENCES = r"""
    select sequencename from pg_sequences
    where schemaname = current_schema() and sequencename like :old || '\_%'
"""
SIGNATURE = "select cast(cast(cast(:name as regproc) as oid) as regprocedure)"
DEFINITION = "select pg_get_functiondef(cast(:name as regproc))"


def adopt(connection: Connection) -> None:
    """Bring a database of one of the last two squashed revisions to the new migrations.

    Raises:
        ConfigurationError: it is at an older revision; nothing is changed.
    """
    from alembic.migration import MigrationContext  # noqa: PLC0415 - see app.db.migrate

    revision = MigrationContext.configure(connection).get_current_revision() or ""
    connection.commit()
    if revision not in {BEFORE_NAMES, LAST}:
        if OLDER.fullmatch(revision):
            raise ConfigurationError(_too_old("This database", revision, "upgrade it"))
        return
    with connection.begin():
        milliseconds = timeouts.SCHEMA_LOCK // timedelta(milliseconds=1)
        connection.execute(text(f"set local lock_timeout = {milliseconds}"))
        if revision == BEFORE_NAMES:
            connection.execute(text(DROP_POLICIES))
            for old, new in TABLES.items():
                _rename_table(connection, old, new)
            for old, new in FUNCTIONS.items():
                _rename_function(connection, old, new)
        for old, new in TABLES.items():
            _rename_constraints(connection, old, new)
        stamp = text("update alembic_version set version_num = :equal")
        connection.execute(stamp, {"equal": EQUAL})


def current_revision(revision: str) -> str:
    """Return the migration that creates the schema of a backup's revision.

    Raises:
        InvalidError: the backup is of an older revision.
    """
    if revision in {BEFORE_NAMES, LAST}:
        return EQUAL
    if OLDER.fullmatch(revision):
        raise InvalidError(_too_old("This backup", revision, "restore it"))
    return revision


def current_name(name: str) -> str:
    """Return the name that a table or sequence of a backup has now."""
    for old, new in TABLES.items():
        if name == old or name.startswith(f"{old}_"):
            return name.replace(old, new, 1)
    return name


def _too_old(subject: str, revision: str, verb: str) -> str:
    again = "and then upgrade it" if verb == "upgrade it" else "back it up, and then restore that"
    return (
        f"{subject} is of an earlier development version of DonorCRM (migration {revision}): "
        f"first {verb} with the version whose newest migration is {LAST}, {again} with this "
        "version; nothing was changed."
    )


def _rename_table(connection: Connection, old: str, new: str) -> None:
    connection.execute(text(f"alter table {old} rename to {new}"))
    for name in connection.scalars(text(INDEXES), {"table": new}).all():
        connection.execute(text(f"alter index {name} rename to {name.replace(old, new)}"))
    # a sequence keeps the old name of its table
    for name in connection.scalars(text(SEQUENCES), {"old": old}).all():
        connection.execute(text(f"alter sequence {name} rename to {name.replace(old, new)}"))


def _rename_constraints(connection: Connection, old: str, new: str) -> None:
    """Rename checks, foreign keys and, since PostgreSQL 18, the constraints of "not null"."""
    for name in connection.scalars(text(CONSTRAINTS), {"table": new, "old": old}).all():
        renamed = name.replace(old, new)
        connection.execute(text(f"alter table {new} rename constraint {name} to {renamed}"))


def _rename_function(connection: Connection, old: str, new: str) -> None:
    signature = connection.scalar(text(SIGNATURE), {"name": old})
    body = connection.scalar(text(DEFINITION), {"name": old}) or ""
    for name, other in FUNCTIONS.items():
        body = re.sub(rf"\b{name}\b", other, body)
    connection.exec_driver_sql(f"alter function {signature} rename to {new}")
    connection.exec_driver_sql(body)
