"""Members of a household are persons, and only a household has members.

A donor whose kind was changed while it was a member is taken out of its household, and donors who
are members of something that is no household any more are taken out of it as well.

Revision ID: 0026_household_members
Revises: 0025_monthly_goals
"""

from alembic import op

revision = "0026_household_members"
down_revision = "0025_monthly_goals"
branch_labels = None
depends_on = None

NO_MEMBERS = """
update donor set household_id = null, household_head = false, version = version + 1
where household_id is not null
    and (kind <> 'person' or household_id in (select id from donor where kind <> 'household'))
"""
TRIGGERS = """
create function household_has_members() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    if exists (select from donor where household_id = new.id) then
        raise exception 'A household with members stays a household.'
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger household_has_members before update of kind on donor
    for each row when (old.kind = 'household' and new.kind <> 'household')
    execute function household_has_members();
create function member_of_household() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    if exists (select from donor where id = new.household_id and kind <> 'household') then
        raise exception 'Only a household has members.' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger member_of_household before insert or update of household_id on donor
    for each row when (new.household_id is not null) execute function member_of_household()
"""


def upgrade() -> None:
    op.execute(NO_MEMBERS)
    op.create_check_constraint(
        op.f("ck_donor_household_member"), "donor", "household_id is null or kind = 'person'"
    )
    op.execute(TRIGGERS)


def downgrade() -> None:
    op.execute("drop trigger member_of_household on donor")
    op.execute("drop function member_of_household()")
    op.execute("drop trigger household_has_members on donor")
    op.execute("drop function household_has_members()")
    op.drop_constraint("ck_donor_household_member", "donor")
