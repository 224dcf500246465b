"""Count the changes of a person's password, role and account: links in older mails end.

Revision ID: 20261203_access_version
Revises: 20261202_anonymous
"""

import sqlalchemy as sa
from alembic import op

revision = "20261203_access_version"
down_revision = "20261202_anonymous"
branch_labels = None
depends_on = None

FUNCTION = """
create function raise_access_version() returns trigger language plpgsql as $$
begin
    new.access_version := old.access_version + 1;
    return new;
end $$
"""
TRIGGER = """
create trigger app_user_raises_access_version
before update of active, role, password_changed_at on app_user for each row
when (
    (old.active, old.role, old.password_changed_at)
    is distinct from (new.active, new.role, new.password_changed_at)
)
execute function raise_access_version()
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "app_user",
        sa.Column("access_version", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop trigger app_user_raises_access_version on app_user")
    op.execute("drop function raise_access_version()")
    op.drop_column("app_user", "access_version")
