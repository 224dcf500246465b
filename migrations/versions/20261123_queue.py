"""The work queue's own tables, as procrastinate ships them.

Revision ID: 20261123_queue
Revises: 20261123_summaries
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "20261123_queue"
down_revision = "20261123_summaries"
branch_labels = None
depends_on = None

DROP = """
do $$
declare item record;
begin
    for item in select format('drop table if exists %I cascade', relname) as sql from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'r'
                  and relname like 'procrastinate\\_%' loop
        execute item.sql;
    end loop;
    for item in select format('drop function if exists %s cascade', oid::regprocedure) as sql
                from pg_proc where pronamespace = 'public'::regnamespace
                  and proname like 'procrastinate\\_%' loop
        execute item.sql;
    end loop;
    for item in select format('drop type if exists %I cascade', typname) as sql from pg_type
                where typnamespace = 'public'::regnamespace and typtype in ('e', 'c')
                  and typname like 'procrastinate\\_%' loop
        execute item.sql;
    end loop;
end $$;
"""


def run(script: str) -> None:
    """Run a script of many statements as it stands: its % signs are not placeholders."""
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)


def upgrade() -> None:
    run(SchemaManager.get_schema())


def downgrade() -> None:
    run(DROP)
