"""Plan the search words of many donors anew each time.

The function is called for one donor as for 100,000. A plan kept from small tables reads a whole
table of addresses for each donor: quadratic for the first large import of a connection.

Revision ID: 20261212_search_plans
Revises: 20261211_passkeys
"""

from alembic import op

revision = "20261212_search_plans"
down_revision = "20261211_passkeys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Choose the plan by the donors given, not by those of the first five calls."""
    op.execute(
        "alter function refresh_donor_search(bigint[]) set plan_cache_mode = force_custom_plan"
    )


def downgrade() -> None:
    """Keep plans again."""
    op.execute("alter function refresh_donor_search(bigint[]) reset plan_cache_mode")
