"""Donors who give anonymously; the organisation's currency stays once there is money.

Revision ID: 20261202_anonymous
Revises: 20261201_effective_gifts
"""

import sqlalchemy as sa
from alembic import op

revision = "20261202_anonymous"
down_revision = "20261201_effective_gifts"
branch_labels = None
depends_on = None

KEEP_CURRENCY = """
create function keep_currency() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    if exists (select from gift) or exists (select from pledge) then
        raise exception 'the organisation''s currency cannot change: there are gifts or pledges'
            using errcode = 'check_violation';
    end if;
    return new;
end $$
"""
TRIGGER = """
create trigger organisation_keeps_currency before update on organisation for each row
when (old.currency is distinct from new.currency) execute function keep_currency()
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "donor",
        sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute(KEEP_CURRENCY)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop trigger organisation_keeps_currency on organisation")
    op.execute("drop function keep_currency()")
    op.drop_column("donor", "anonymous")
