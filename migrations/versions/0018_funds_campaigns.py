"""Administer funds, campaigns and tags.

A fund, campaign or tag that is merged into another keeps its row, so that a later file that names
it is imported for the other one. The parts of a split gift name its campaigns, as they name its
funds: campaigns on the gift itself move to the parts.

Revision ID: 0018_funds_campaigns
Revises: 0017_gift_awaiting_rate
"""

import sqlalchemy as sa
from alembic import op

revision = "0018_funds_campaigns"
down_revision = "0017_gift_awaiting_rate"
branch_labels = None
depends_on = None

# lists of gifts name the campaign, and are cached until something that they show changes
COUNT_CHANGES = """
create trigger campaign_changes_state after insert or update or delete or truncate on campaign
for each statement execute function note_change()
"""


def upgrade() -> None:
    _funds()
    _campaigns()
    _tags()


def downgrade() -> None:
    op.drop_column("tag", "merged_into_id")
    op.drop_column("tag", "version")
    op.execute("drop trigger campaign_changes_state on campaign")
    op.drop_column("pledge", "campaign_id")
    for constraint in ("goal", "name", "status"):
        op.drop_constraint(f"ck_campaign_{constraint}", "campaign")
    for column in ("import_run_id", "merged_into_id", "status"):
        op.drop_column("campaign", column)
    op.drop_constraint("ck_fund_gl_code", "fund")
    op.drop_column("fund", "merged_into_id")
    op.drop_column("fund", "gl_code")


def _funds() -> None:
    op.add_column("fund", sa.Column("gl_code", sa.Text))
    op.add_column("fund", sa.Column("merged_into_id", sa.BigInteger))
    op.create_check_constraint("gl_code", "fund", "length(gl_code) between 1 and 50")
    _refer("fund", "merged_into_id", "fund", "RESTRICT")


def _campaigns() -> None:
    op.execute(COUNT_CHANGES)
    op.execute("update campaign set goal_minor = null where goal_minor <= 0")
    op.add_column(
        "campaign", sa.Column("status", sa.Text, server_default="active", nullable=False)
    )
    op.add_column("campaign", sa.Column("merged_into_id", sa.BigInteger))
    op.add_column("campaign", sa.Column("import_run_id", sa.BigInteger))
    op.create_check_constraint("status", "campaign", "status in ('active', 'closed')")
    op.create_check_constraint("name", "campaign", "btrim(name) <> ''")
    op.create_check_constraint("goal", "campaign", "goal_minor > 0")
    _refer("campaign", "merged_into_id", "campaign", "RESTRICT")
    _refer("campaign", "import_run_id", "import_run", "SET NULL")
    op.add_column("pledge", sa.Column("campaign_id", sa.BigInteger))
    _refer("pledge", "campaign_id", "campaign", "RESTRICT")
    op.execute(
        "update gift_line l set campaign_id = g.campaign_id from gift g"
        " where g.id = l.gift_id and g.campaign_id is not null and l.campaign_id is null"
    )
    op.execute(
        "update gift set campaign_id = null where campaign_id is not null"
        " and id in (select gift_id from gift_line)"
    )


def _refer(table: str, column: str, target: str, ondelete: str) -> None:
    op.create_foreign_key(
        f"fk_{table}_{column}_{target}", table, target, [column], ["id"], ondelete=ondelete
    )


def _tags() -> None:
    op.add_column("tag", sa.Column("version", sa.BigInteger, server_default="1", nullable=False))
    op.add_column("tag", sa.Column("merged_into_id", sa.BigInteger))
    _refer("tag", "merged_into_id", "tag", "CASCADE")
