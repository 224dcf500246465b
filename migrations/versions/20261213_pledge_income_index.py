"""Read what came in for a pledge from the index alone.

Late pledges, expected giving and the lists of pledges add up the gifts of each pledge; fetching
every gift for that took most of the time of the dashboard of an organisation.

Revision ID: 20261213_pledge_income_index
Revises: 20261212_search_plans
"""

from alembic import op

revision = "20261213_pledge_income_index"
down_revision = "20261212_search_plans"
branch_labels = None
depends_on = None

READ = ["gift_date", "amount_minor", "returned_minor", "kind"]


def upgrade() -> None:
    """Let the index carry what the view pledge_income reads."""
    _index(READ)


def downgrade() -> None:
    """Keep the pledge's number alone."""
    _index([])


def _index(read: list[str]) -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_gift_pledge_id", "gift")
    op.create_index(
        "ix_gift_pledge_id",
        "gift",
        ["pledge_id"],
        postgresql_where="pledge_id is not null",
        postgresql_include=read,
    )
