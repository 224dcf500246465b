"""Mark gifts in a foreign currency that wait for an exchange rate; store rates as decimals.

Such a gift is recorded with a base amount of zero, so that no sum counts it, and with this mark,
so that every sum can say so. The gift gets its base amount when a rate arrives.

Revision ID: 0017_gift_awaiting_rate
Revises: 0016_import_batch
"""

import sqlalchemy as sa
from alembic import op

revision = "0017_gift_awaiting_rate"
down_revision = "0016_import_batch"
branch_labels = None
depends_on = None

# without the mark the gifts would count as worth nothing
WAITING = "gifts wait for an exchange rate: add the rates before going back"


def upgrade() -> None:
    # exact: a double precision number has fifteen digits
    op.execute(
        "alter table exchange_rate alter column rate type numeric(18, 8)"
        " using greatest(round(rate::numeric, 8), 0.00000001)"
    )
    op.add_column(
        "gift",
        sa.Column("awaiting_rate", sa.Boolean, server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_gift_awaiting_rate"), "gift", "not awaiting_rate or base_minor = 0"
    )
    # few gifts wait, and the lists of gifts count them
    op.create_index(
        "ix_gift_awaiting_rate",
        "gift",
        ["currency", "gift_date"],
        postgresql_where=sa.text("awaiting_rate"),
    )


def downgrade() -> None:
    op.execute(
        "do $$ begin if exists (select from gift where awaiting_rate) then"
        f" raise exception '{WAITING}'; end if; end $$"
    )
    op.drop_column("gift", "awaiting_rate")
    op.alter_column("exchange_rate", "rate", type_=sa.Double)
