"""Create the functions of row-level security.

`rls_enter` makes a transaction a user's: it looks up the role and team itself and gives up the
rights of the owner of the tables until the transaction ends. The policies that use these functions
are derived from the columns of the tables after every migration, see
`app/db/security/row_level_security.py`.

Revision ID: 0013_row_level_security
Revises: 0012_audit_log
"""

from alembic import op

revision = "0013_row_level_security"
down_revision = "0012_audit_log"
branch_labels = None
depends_on = None

# What a policy may ask: who acts, who looks (an administrator during "View as"), whose donors are
# visible, and whether the role may write all donors or is an administrator.
QUESTIONS = """
create function rls_user() returns bigint language sql stable parallel safe as
$$ select nullif(current_setting('app.user_id', true), '')::bigint $$;

create function rls_viewer() returns bigint language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('app.viewer_id', true), ''),
                   nullif(current_setting('app.user_id', true), ''))::bigint $$;

create function rls_owners() returns bigint[] language sql stable parallel safe as
$$ select nullif(current_setting('app.owners', true), '')::bigint[] $$;

create function rls_writes() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('app.role', true), '') in ('admin', 'finance') $$;

create function rls_admin() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('app.role', true), '') = 'admin' $$;
"""

# Why a transaction may not become a user's, or null: the session, token or account has "ended",
# the "role" is another now, or the "View as" is. Checked by the statement that enters, so that
# nothing acts for a user who was signed out, given another role or deactivated meanwhile. The
# moment is an argument, because sessions end by the clock of the processes.
PROBLEM = """
create function rls_problem(
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

# With a problem the transaction has no user, so it sees no donor. Roles belong to the whole server
# and may not exist on this one: then there is no row-level security, only the filters of the
# queries, and `python -m app doctor` reports it.
ENTER = """
create function rls_enter(
    person bigint, viewer bigint, claimed text, session_key text, program text, moment timestamptz
) returns text language plpgsql as $$
declare role_now text; owners bigint[]; wall text; problem text;
begin
    problem := rls_problem(person, viewer, claimed, session_key, program, moment);
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

# Policies call the functions. The roles belong to the server, so only their rights are removed.
DROP_POLICIES = r"""
do $$
declare item record;
begin
    for item in select tablename, policyname from pg_policies
                where schemaname = current_schema() and policyname like 'rls\_%' loop
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
ARGUMENTS = "bigint, bigint, text, text, text, timestamptz"


def upgrade() -> None:
    for statements in (QUESTIONS, PROBLEM, ENTER):
        op.execute(statements)


def downgrade() -> None:
    op.execute(DROP_POLICIES)
    op.execute(f"drop function rls_enter({ARGUMENTS})")
    op.execute(f"drop function rls_problem({ARGUMENTS})")
    for question in ("user", "viewer", "owners", "writes", "admin"):
        op.execute(f"drop function rls_{question}()")
