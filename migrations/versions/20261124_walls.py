"""Who is asking, told to the database; what it keeps by itself is kept whoever asks.

`wall_enter` turns a transaction into a person's: it looks up the role and the team by itself and
gives up the owner's rights until the transaction ends. The policies that follow from it are built
from the tables' columns after every migration, see `app/db/walls.py`.

Revision ID: 20261124_walls
Revises: 20261125_invitations
"""

from alembic import op

revision = "20261124_walls"
down_revision = "20261125_invitations"
branch_labels = None
depends_on = None

ASKING = """
create function wall_user() returns bigint language sql stable parallel safe as
$$ select nullif(current_setting('app.user_id', true), '')::bigint $$;

create function wall_looker() returns bigint language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('app.viewer_id', true), ''),
                   nullif(current_setting('app.user_id', true), ''))::bigint $$;

create function wall_owners() returns bigint[] language sql stable parallel safe as
$$ select nullif(current_setting('app.owners', true), '')::bigint[] $$;

create function wall_writes() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('app.role', true), '') in ('admin', 'finance') $$;

create function wall_admin() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('app.role', true), '') = 'admin' $$;
"""

# Roles belong to the whole server and may be missing in this one: then the wall is not there, the
# application's own filter is, and `python -m app doctor` says so.
ENTER = """
create function wall_enter(person bigint, viewer bigint) returns void language plpgsql as $$
declare role_now text; owners bigint[]; wall text;
begin
    select u.role into role_now from public.app_user u where u.id = person and u.active;
    if role_now is not null then
        owners := case
            when role_now = 'fundraiser' then array[person]
            when role_now in ('supervisor', 'coach') then person || array(
                select t.member_id from public.team_member t
                where t.lead_id = person and t.kind = role_now)
            else array[]::bigint[] end;
        perform set_config('app.user_id', person::text, true),
                set_config('app.viewer_id', coalesce(viewer::text, ''), true),
                set_config('app.role', role_now, true),
                set_config('app.owners', owners::text, true);
    end if;
    if viewer is not null then
        perform set_config('transaction_read_only', 'on', true);
    end if;
    wall := case when role_now in ('finance', 'read_only', 'admin') then 'donorcrm_everyone'
                 when role_now = 'coach' then 'donorcrm_coach' else 'donorcrm_person' end;
    if pg_has_role(session_user, to_regrole(wall)::oid, 'member') then
        perform set_config('role', wall, true);
    end if;
end $$;
"""

# What came in for a pledge, without the row it came in: a coach is told how a promise stands, and
# has no gifts. It is read with the owner's rights, and joined to pledges that are walled.
INCOME = """
create view pledge_income as
select id, pledge_id, gift_date, amount_minor from gift where pledge_id is not null;
"""

VIEWS = ("donor_summary_fresh", "donor_year_fresh", "owner_month_fresh", "gift_part")
CHILDREN = ("donor_email", "donor_phone", "donor_external_id")
TRIGGERS = (
    "gift_inserted",
    "gift_deleted",
    "gift_updated",
    "donor_inserted",
    "donor_updated",
    "gift_lines_add_up",
    "organisation_updated",
    *(f"{table}_{past}" for table in CHILDREN for past in ("inserted", "deleted", "updated")),
)

LOWER = """
do $$
declare item record;
begin
    for item in select schemaname, tablename, policyname from pg_policies
                where schemaname = current_schema() and policyname like 'wall\\_%' loop
        execute format('drop policy %I on %I', item.policyname, item.tablename);
        execute format('alter table %I disable row level security', item.tablename);
    end loop;
    for item in select rolname from pg_roles
                where rolname in ('donorcrm_person', 'donorcrm_coach', 'donorcrm_everyone') loop
        execute format('revoke all on all tables in schema public from %I', item.rolname);
        execute format('revoke all on all sequences in schema public from %I', item.rolname);
    end loop;
end $$;
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(ASKING)
    op.execute(ENTER)
    op.execute(INCOME)
    for view in VIEWS:
        op.execute(f"alter view {view} set (security_invoker = true)")
    for trigger in TRIGGERS:
        op.execute(
            f"alter function {trigger}() security definer set search_path = public, pg_temp"
        )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(LOWER)
    for trigger in TRIGGERS:
        op.execute(f"alter function {trigger}() security invoker reset search_path")
    for view in VIEWS:
        op.execute(f"alter view {view} reset (security_invoker)")
    op.execute("drop view pledge_income")
    op.execute("drop function wall_enter(bigint, bigint)")
    for asking in ("user", "looker", "owners", "writes", "admin"):
        op.execute(f"drop function wall_{asking}()")
