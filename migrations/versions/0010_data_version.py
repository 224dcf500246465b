"""Create the version of the data, which cached results are keyed by.

Each statement that changes what the dashboard and the lists of open work show adds a row to
`data_change`; the sum of its numbers is the version of the data. Rows are added and never updated,
so that writers do not wait for each other. A job combines old rows into one.

Revision ID: 0010_data_version
Revises: 0009_work
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_data_version"
down_revision = "0009_work"
branch_labels = None
depends_on = None

# the tables that results in the cache are computed from
SOURCES = (
    "gift",
    "gift_line",
    "pledge",
    "pledge_amount",
    "pledge_terms",
    "pledge_pause",
    "pledge_skip",
    "pledge_refusal",
    "donor",
    "donor_email",
    "donor_phone",
    "donor_summary",
    "donor_rhythm",
    "alert",
    "fund",
    "exchange_rate",
    "organisation",
    "app_user",
    "team_member",
)
# With the rights of the owner of the tables, whoever writes.
FUNCTION = """
create function note_change() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    insert into data_change default values;
    return null;
end $$
"""
TRIGGER = """
create trigger {table}_changes_state after insert or update or delete or truncate on {table}
for each statement execute function note_change()
"""


def upgrade() -> None:
    _table()
    # random, so that two databases that share a Redis never have the same version
    op.execute("insert into data_change (number) select (random() * 1e12)::bigint + 1")
    op.execute(FUNCTION)
    for table in SOURCES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    for table in SOURCES:
        op.execute(f"drop trigger {table}_changes_state on {table}")
    op.execute("drop function note_change()")
    op.drop_table("data_change")


def _table() -> None:
    """"""
    op.create_table(
        "data_change",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("number", sa.BigInteger, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_data_change"),
        sa.CheckConstraint("number > 0", name=op.f("ck_data_change_number")),
    )
