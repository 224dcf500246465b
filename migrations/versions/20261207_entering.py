"""A transaction becomes a person's only while their session, role and account are what it says.

`wall_enter` answers with what stands in the way ("ended", "role", "view"), or null. What it checks
is checked in the statement that enters, so nothing acts for somebody who was signed out, given
another role or deactivated since a screen was drawn.

Revision ID: 20261207_entering
Revises: 20261206_pledge_terms
"""

import sqlalchemy as sa
from alembic import op

revision = "20261207_entering"
down_revision = "20261206_pledge_terms"
branch_labels = None
depends_on = None

# A session may be given a moment, as its life is counted on the clock of the processes.
PROBLEM = """
create function wall_problem(
    person bigint, viewer bigint, claimed text, session_key text, program text, moment timestamptz
) returns text language plpgsql stable as $$
declare held record; role_now text;
begin
    if person is null or claimed = 'system' then
        return null;
    end if;
    select u.role into role_now from public.app_user u where u.id = person and u.active;
    if role_now is null then
        return 'ended';
    end if;
    if session_key is not null then
        -- also whose eyes are looked through
        select s.viewing_id into held
        from public.session s join public.app_user u on u.id = s.user_id and u.active
        where s.id = session_key and s.user_id = coalesce(viewer, person)
          and s.revoked_at is null and s.expires_at > moment;
        if not found then
            return 'ended';
        end if;
        if held.viewing_id is distinct from (case when viewer is not null then person end) then
            return 'view';
        end if;
    end if;
    if starts_with(program, 'family:') and not exists (
        select from public.token_family f
        where f.id = substr(program, 8) and f.user_id = person
          and f.revoked_at is null and f.expires_at > moment
    ) or starts_with(program, 'personal:') and not exists (
        select from public.api_token t
        where t.id = substr(program, 10)::bigint and t.user_id = person
          and t.revoked_at is null and (t.expires_at is null or t.expires_at > moment)
    ) then
        return 'ended';
    end if;
    return case when role_now <> claimed then 'role' end;
end $$;
"""

ENTER = """
create function wall_enter(
    person bigint, viewer bigint, claimed text, session_key text, program text, moment timestamptz
) returns text language plpgsql as $$
declare role_now text; owners bigint[]; wall text; problem text;
begin
    problem := wall_problem(person, viewer, claimed, session_key, program, moment);
    if problem is null then
        select u.role into role_now from public.app_user u where u.id = person and u.active;
    end if;
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
    return problem;
end $$;
"""

# as the first policies were made with
BEFORE = """
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


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    run = op.get_bind().exec_driver_sql
    run("drop function wall_enter(bigint, bigint)")
    run(PROBLEM)
    run(ENTER)
    # a session that lives has been seen; from now on it ends thirty days after it began
    op.execute(
        sa.text(
            "update session set expires_at = least(expires_at, created_at + interval '30 days')"
            " where revoked_at is null"
        )
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    run = op.get_bind().exec_driver_sql
    run("drop function wall_enter(bigint, bigint, text, text, text, timestamptz)")
    run("drop function wall_problem(bigint, bigint, text, text, text, timestamptz)")
    run(BEFORE)
