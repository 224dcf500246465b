"""Rename tables and functions to the standard words: email_action, idempotency_key, rls_*.

Revision ID: 20261214_standard_names
Revises: 20261213_pledge_income_index
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "20261214_standard_names"
down_revision = "20261213_pledge_income_index"
branch_labels = None
depends_on = None

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
# the policies are built again after every migration
DROP_POLICIES = """
do $$
declare item record;
begin
    for item in select tablename, policyname from pg_policies
                where schemaname = current_schema() and policyname like '{prefix}\\_%' loop
        execute format('drop policy %I on %I', item.policyname, item.tablename);
    end loop;
end $$
"""
DEFINITION = "select pg_get_functiondef(cast(:name as regproc))"
NAMED_AFTER_TABLE = {
    "alter index {old} rename to {new}": "select indexname from pg_indexes"
    " where schemaname = current_schema() and tablename = :table",
    "alter table {table} rename constraint {old} to {new}": "select conname from pg_constraint"
    " where conrelid = cast(:table as regclass) and contype in ('c', 'f')",
    "alter sequence {old} rename to {new}": "select sequencename from pg_sequences"
    " where schemaname = current_schema() and sequencename like :table || '\\_%'",
}


def upgrade() -> None:
    """Use the new names."""
    _rename("wall", TABLES, FUNCTIONS)


def downgrade() -> None:
    """Use the names of before."""
    back = [{new: old for old, new in names.items()} for names in (TABLES, FUNCTIONS)]
    _rename("rls", *back)


def _rename(prefix: str, tables: dict[str, str], functions: dict[str, str]) -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(DROP_POLICIES.format(prefix=prefix))
    connection = op.get_bind()
    for old, new in tables.items():
        op.execute(f"alter table {old} rename to {new}")
        for statement, names in NAMED_AFTER_TABLE.items():
            # sequences keep the old table's name until they are renamed themselves
            table = old if "sequence" in statement else new
            for name in connection.scalars(sa.text(names), {"table": table}).all():
                renamed = name.replace(old, new)
                op.execute(statement.format(table=new, old=name, new=renamed))
    for old, new in functions.items():
        body = connection.scalar(sa.text(DEFINITION), {"name": old})
        for name, other in functions.items():
            body = re.sub(rf"\b{name}\b", other, body)
        signature = connection.scalar(
            sa.text("select cast(cast(cast(:name as regproc) as oid) as regprocedure)"),
            {"name": old},
        )
        connection.exec_driver_sql(f"alter function {signature} rename to {new}")
        connection.exec_driver_sql(body)
