"""Heads of households, relations between donors, and soft credits with what they count.

A soft credit stores what it counts in the organisation's currency, the day of its gift and who
gave it: whoever sees the credited donor need not see the giver's gift. Triggers keep these columns
equal to the gift, and the view `soft_credit_fresh` computes them again for the nightly check.

Revision ID: 0020_households_soft_credits
Revises: 0019_organisation_settings
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0020_households_soft_credits"
down_revision = "0019_organisation_settings"
branch_labels = None
depends_on = None

# what is left of the gift after reversals, and the credited part of it: never more than that, also
# when the gift was corrected to a smaller amount
LEFT = "g.base_minor - g.returned_base_minor"
PART = f"least(round(s.amount_minor::numeric * ({LEFT}) / g.amount_minor), {LEFT})::bigint"

FRESH = f"""
create view soft_credit_fresh with (security_invoker = true) as
select s.id, g.donor_id as giver_id, g.gift_date, {PART} as base_minor,
       {LEFT} as gift_base_minor
from soft_credit s join gift g on g.id = s.gift_id
"""
COUNTED = "(giver_id, gift_date, base_minor, gift_base_minor)"
COUNT_ALL = f"""
update soft_credit t set {COUNTED} = (f.giver_id, f.gift_date, f.base_minor, f.gift_base_minor)
from soft_credit_fresh f where f.id = t.id
"""
# with the rights of the owner of the tables, because a user may change a credit without the right
# to change the gift
FILL = f"""
create function soft_credit_count() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    select g.donor_id, g.gift_date,
           {PART.replace("s.amount_minor", "new.amount_minor")}, {LEFT}
    into new.giver_id, new.gift_date, new.base_minor, new.gift_base_minor
    from gift g where g.id = new.gift_id;
    return new;
end $$;
create trigger soft_credit_count before insert or update of gift_id, amount_minor on soft_credit
    for each row execute function soft_credit_count()
"""
FOLLOW = f"""
create function gift_soft_credits() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    update soft_credit s set {COUNTED} = (g.donor_id, g.gift_date, {PART}, {LEFT})
    from new_rows g
    where s.gift_id = g.id and (s.giver_id, s.gift_date, s.base_minor, s.gift_base_minor)
        is distinct from (g.donor_id, g.gift_date, {PART}, {LEFT});
    return null;
end $$;
create trigger gift_soft_credits after update on gift referencing new table as new_rows
    for each statement execute function gift_soft_credits()
"""
COUNT_CHANGES = """
create trigger soft_credit_changes_state after insert or update or delete or truncate
on soft_credit for each statement execute function note_change()
"""
# the name of a household contains the names of its members
ANONYMOUS = """
create function household_anonymous() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    update donor set anonymous = true where id = new.household_id and not anonymous;
    return null;
end $$;
create trigger household_anonymous after insert or update of anonymous, household_id on donor
    for each row when (new.anonymous and new.household_id is not null)
    execute function household_anonymous()
"""


def upgrade() -> None:
    _households()
    _relations()
    _soft_credits()


def downgrade() -> None:
    for trigger, table in (
        ("soft_credit_changes_state", "soft_credit"),
        ("gift_soft_credits", "gift"),
        ("soft_credit_count", "soft_credit"),
    ):
        op.execute(f"drop trigger {trigger} on {table}")
    op.execute("drop function gift_soft_credits()")
    op.execute("drop function soft_credit_count()")
    op.execute("drop view soft_credit_fresh")
    op.drop_constraint("ck_soft_credit_amount", "soft_credit")
    for column in ("giver_id", "gift_date", "base_minor", "gift_base_minor"):
        op.drop_column("soft_credit", column)
    op.drop_table("donor_relation")
    op.execute("drop trigger household_anonymous on donor")
    op.execute("drop function household_anonymous()")
    op.drop_index("uq_donor_household_head", "donor")
    op.drop_constraint("ck_donor_household_head", "donor")
    op.drop_column("donor", "household_head")


def _households() -> None:
    op.add_column(
        "donor",
        sa.Column("household_head", sa.Boolean, server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_donor_household_head"), "donor", "not household_head or household_id is not null"
    )
    op.create_index(
        "uq_donor_household_head",
        "donor",
        ["household_id"],
        unique=True,
        postgresql_where=sa.text("household_head"),
    )
    op.execute(ANONYMOUS)


def _relations() -> None:
    op.create_table(
        "donor_relation",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("other_id", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_donor_relation"),
        reference("donor_relation", "donor_id", "donor", "CASCADE"),
        reference("donor_relation", "other_id", "donor", "CASCADE"),
        sa.CheckConstraint(
            "type in ('employer', 'spouse', 'parent', 'referrer')",
            name=op.f("ck_donor_relation_type"),
        ),
        sa.CheckConstraint("donor_id <> other_id", name=op.f("ck_donor_relation_other")),
    )
    op.create_index(
        "uq_donor_relation", "donor_relation", ["donor_id", "other_id", "type"], unique=True
    )
    op.create_index("ix_donor_relation_other_id", "donor_relation", ["other_id"])


def _soft_credits() -> None:
    op.add_column("soft_credit", sa.Column("giver_id", sa.BigInteger))
    op.add_column("soft_credit", sa.Column("gift_date", sa.Date))
    op.add_column("soft_credit", sa.Column("base_minor", sa.BigInteger))
    op.add_column("soft_credit", sa.Column("gift_base_minor", sa.BigInteger))
    op.execute("delete from soft_credit where amount_minor <= 0")
    op.create_check_constraint(op.f("ck_soft_credit_amount"), "soft_credit", "amount_minor > 0")
    op.execute(FRESH)
    op.execute(COUNT_ALL)
    for column in ("giver_id", "gift_date", "base_minor", "gift_base_minor"):
        op.alter_column("soft_credit", column, nullable=False)
    op.execute(FILL)
    op.execute(FOLLOW)
    op.execute(COUNT_CHANGES)
