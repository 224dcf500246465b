"""Score only the donors whose verdict may have changed.

`rhythm_change` has a row for each donor whose counted gifts changed since the last scoring. Rows
are added and never updated, so that writers do not wait for each other; the nightly scoring
removes them. `rhythm_model` is what the last weekly scoring of everybody has learnt. A score
stores the donor's position, its risk on the next days and the first day on which the passing of
time may change its verdict.

Revision ID: 0030_rhythm_changes
Revises: 0029_import_new_donors
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now

revision = "0030_rhythm_changes"
down_revision = "0029_import_new_donors"
branch_labels = None
depends_on = None

# What the scoring reads of a gift; thanking for one changes none of it.
GIFT = (
    "select id, donor_id, pledge_id, gift_date,"
    " kind = 'gift' and returned_minor < amount_minor as counts,"
    " base_minor < returned_base_minor as refunds from {rows}"
)
# The gifts of a pledge are left out while it has an alert of its own; they may be of several
# donors of a household.
ALERT = (
    "select id, pledge_id from {rows} where kind = 'late_pledge' and state in ('open', 'snoozed')"
)
GIVERS = "select donor_id from gift where pledge_id in (select pledge_id from ({alerts}) a)"
# Who enters or leaves a household changes its joint giving.
MEMBER = "select id, household_id from {rows}"
UNITS = (
    "select u from ({members}) m, unnest(array[id, household_id]) u"
    " where household_id is not null and u is not null"
)

DIFFERENCE = "(({new}) except ({old})) union all (({old}) except ({new}))"


def _difference(rows: str) -> str:
    return DIFFERENCE.format(new=rows.format(rows="new_rows"), old=rows.format(rows="old_rows"))


def _bodies(rows: str, donors: str) -> dict[str, str]:
    return {
        "inserted": donors.format(rows.format(rows="new_rows")),
        "deleted": donors.format(rows.format(rows="old_rows")),
        "updated": donors.format(_difference(rows)),
    }


BODIES = {
    "gift": _bodies(GIFT, "select donor_id from ({}) c"),
    "alert": _bodies(ALERT, GIVERS.format(alerts="{}")),
    "donor": _bodies(MEMBER, UNITS.format(members="{}")),
}
TRANSITION = {
    "inserted": "insert on {table} referencing new table as new_rows",
    "deleted": "delete on {table} referencing old table as old_rows",
    "updated": "update on {table} referencing old table as old_rows new table as new_rows",
}
TRIGGER = """
create function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    insert into rhythm_change (donor_id) select distinct k.donor_id from ({donors}) k (donor_id);
    return null;
end $$;
create trigger {name} after {transition} for each statement execute function {name}()
"""


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("spread", sa.Double),
        sa.Column("season", sa.Double),
        sa.Column("joint", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("past", sa.Text),
        sa.Column("risk_ahead", postgresql.ARRAY(sa.Double)),
        sa.Column("next_change_on", sa.Date),
    ]


def upgrade() -> None:
    op.create_table(
        "rhythm_change",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rhythm_change"),
    )
    op.create_table(
        "rhythm_model",
        sa.Column("fitted_on", sa.Date, nullable=False),
        sa.Column("scored_on", sa.Date, nullable=False),
        sa.Column("learnt", postgresql.JSONB, nullable=False),
        now("fitted_at"),
        sa.PrimaryKeyConstraint("fitted_on", name="pk_rhythm_model"),
    )
    # what is listed as paused depends on the day of the last scoring
    op.execute(
        "create trigger rhythm_model_changes_state after insert or update or delete or truncate"
        " on rhythm_model for each statement execute function note_change()"
    )
    for column in _columns():
        op.add_column("donor_rhythm", column)
    op.create_index("ix_donor_rhythm_next_change_on", "donor_rhythm", ["next_change_on"])
    for table, bodies in BODIES.items():
        for past, donors in bodies.items():
            op.execute(
                TRIGGER.format(
                    name=f"{table}_{past}_rhythm",
                    donors=donors,
                    transition=TRANSITION[past].format(table=table),
                )
            )


def downgrade() -> None:
    for table, bodies in BODIES.items():
        for past in bodies:
            op.execute(f"drop trigger {table}_{past}_rhythm on {table}")
            op.execute(f"drop function {table}_{past}_rhythm()")
    op.drop_index("ix_donor_rhythm_next_change_on", "donor_rhythm")
    for column in _columns():
        op.drop_column("donor_rhythm", column.name)
    op.drop_table("rhythm_model")
    op.drop_table("rhythm_change")
