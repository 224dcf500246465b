"""Row-level security: which rows the database shows to which user, whatever a query selects.

A user's transaction runs as one of three roles that own no table. The policies of a table are
derived from its columns, so that a new table is protected, or rejected, without further code. The
owning role sees every row: only the system and dumps use it.
"""

import hashlib
import logging

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db.models import Base
from app.db.security import account_grants, shared_rows
from app.db.security.role_names import COACH, EVERYONE, PERSON, ROLES

log = logging.getLogger(__name__)

NO_ROLES = (
    "Row-level security is not active: the database's user may not create roles. Ask "
    "the server's administrator for: "
    + " ".join(f"create role {role} nologin;" for role in ROLES)
    + f" grant {', '.join(ROLES)} to the user of DATABASE_URL; then run: python -m app db upgrade"
)
SEPARATE_SET = 160_000
NOT_RAISED = "Row-level security is not complete. Run: python -m app db upgrade"

# the signature of the function in the database's catalogue
ENTERING = "rls_enter(bigint, bigint, text, text, text, timestamptz)"

# Tables with a user_id that have no policies derived from it, and why.
OPEN = {
    "session": "found by its secret before anybody is known",
    "token_family": "found by its secret before anybody is known",
    "one_time_code": "found by its secret before anybody is known",
    "api_token": "found by its secret before anybody is known",
}
# tables that a coach may not read
MONEY = frozenset(
    {
        *("gift", "gift_line", "soft_credit", "monthly_goal"),
        *("donor_year", "owner_month", "pledge_summary", "giving_period", "pledge_change"),
    }
)

ME, ADMIN = shared_rows.ME, "(select rls_admin())"
SEEN = "= any ((select rls_owners())::bigint[])"
# a scalar subquery is planned once; `exists` is planned twice, also as a hashed subplan
ABOUT = "(select true from donor d where d.id = {table}.donor_id)"
# for queries of many rows: the visible donors are looked up once and not row by row
ABOUT_MANY = "donor_id in (select s.donor_id from donor_summary s)"
MINE = f"exists (select from donor d where d.id = {{table}}.donor_id and d.owner_id = {ME})"
WRITES = "(select rls_writes())"


def problem(db: Session) -> str | None:
    """Return why row-level security is not active, or None when it is."""
    connection = db.connection()
    if not _has_roles(connection):
        return NO_ROLES
    return None if _installed_fingerprint(connection) == _fingerprint() else NOT_RAISED


def build(connection: Connection) -> None:
    """Create or update roles, grants and policies; do nothing when they are current."""
    if not _is_migrated(connection):
        return
    if _has_roles(connection) and _installed_fingerprint(connection) == _fingerprint():
        return
    if not make_roles(connection):
        log.warning(NO_ROLES)
        return
    for statement in _statements():
        connection.execute(text(statement))


def policies(table: Table) -> dict[tuple[str, str], str]:
    """Return (roles, verb) → condition on the rows of a table; {} for a table without policies."""
    columns, name = set(table.columns.keys()), table.name
    if name in OPEN:
        return {}
    if name in _SPECIAL:
        return _SPECIAL[name]
    own = PERSON if name in MONEY else f"{PERSON}, {COACH}"
    if "owner_id" in columns:
        conditions = {(own, "select"): f"owner_id {SEEN}", (EVERYONE, "select"): "true"}
        writes = {(own, "write"): f"owner_id = {ME}", (EVERYONE, "write"): WRITES}
        return conditions | writes if name == "donor" else conditions
    if "donor_id" in columns:
        about = ABOUT_MANY if name in _MANY else ABOUT
        conditions = {(own, "select"): about, (EVERYONE, "select"): "true"}
        writes = {(own, "write"): MINE, (EVERYONE, "write"): WRITES}
        return conditions if name in _WRITTEN_BY_TRIGGERS else conditions | writes
    if "user_id" in columns:
        everybody = f"{PERSON}, {COACH}"
        both = {"select": f"user_id = {ME}", "write": f"user_id = {ME}"}
        return (
            {(everybody, verb): rows for verb, rows in both.items()}
            | {(EVERYONE, verb): f"{rows} or {ADMIN}" for verb, rows in both.items()}
            | _ALSO.get(name, {})
        )
    return {}


# tables written only by triggers and the scheduler
_WRITTEN_BY_TRIGGERS = frozenset(
    {"donor_year", "donor_search", "donor_rhythm", "pledge_summary", "rhythm_change"}
)
_MANY = frozenset({"gift", "gift_line", "donor_year", "donor_search", "pledge", "pledge_summary"})
_OWN = f"{PERSON}, {COACH}"
_ALL = ", ".join(ROLES)
_ALSO: dict[str, dict[tuple[str, str], str]] = {
    # any user may queue a notice to administrators; only the mail sender reads it
    "outbox": {(_ALL, "insert"): "name = 'admin_notice'"},
}
_OF_INVITED = account_grants.OF_INVITED.format(column="user_id")
# everybody chooses among these; an import creates them with the system's rights
_CHOSEN = {(_ALL, "select"): "true", (EVERYONE, "write"): ADMIN}
_OF_SUMS = {(f"{PERSON}, {EVERYONE}", "select"): f"{ME} is not null"}
_SPECIAL: dict[str, dict[tuple[str, str], str]] = {
    "task": {
        (_OWN, "select"): f"(donor_id is null and assignee_id = {ME}) or {ABOUT}",
        (_OWN, "write"): f"assignee_id = {ME} or {MINE}",
        (EVERYONE, "select"): f"donor_id is not null or assignee_id = {ME}",
        (EVERYONE, "write"): f"assignee_id = {ME} or {WRITES}",
    },
    "activity": {
        (_OWN, "select"): f"actor_id = {ME} or {ABOUT}",
        (EVERYONE, "select"): f"donor_id is not null or actor_id = {ME} or {ADMIN}",
        (_ALL, "insert"): "true",
        # for an erasure; a trigger refuses every other change
        (EVERYONE, "update"): ADMIN,
    },
    # rows before an import; the import itself runs with the system's rights. The policies of
    # import_run apply to the subquery, which is planned once and not for each row
    "import_change": {
        (_ALL, "select"): "run_id in (select r.id from import_run r)",
        (EVERYONE, "write"): ADMIN,
    },
    # private to the user who made it, until it is shared; an import runs with the system's rights
    "saved_mapping": {
        (_OWN, "select"): f"user_id = {ME} or (shared and {ME} is not null)",
        (EVERYONE, "select"): f"shared or user_id = {ME} or {ADMIN}",
        (_OWN, "write"): f"user_id = {ME}",
        (EVERYONE, "write"): f"user_id = {ME} or {ADMIN}",
    },
    # a subquery of a policy is itself subject to the policies of its table
    "saved_mapping_version": {
        (_ALL, "select"): shared_rows.OF_MAPPING.format(more=""),
        (_OWN, "write"): shared_rows.OF_MAPPING.format(more=f" and m.user_id = {ME}"),
        (EVERYONE, "write"): shared_rows.OF_MAPPING.format(
            more=f" and (m.user_id = {ME} or {ADMIN})"
        ),
    },
    # private to the user who made it, or for the team or everybody
    "donor_segment": {
        (_ALL, "select"): shared_rows.SEGMENT,
        (_OWN, "write"): f"user_id = {ME}",
        (EVERYONE, "write"): f"user_id = {ME} or {ADMIN}",
    },
    # with the password of the mail server; the sender runs with the system's rights
    "mail_server": {(EVERYONE, "select"): ADMIN, (EVERYONE, "write"): ADMIN},
    # a supervisor who withdraws an invitation ends the goal of the account
    "monthly_goal": {
        (PERSON, "select"): f"user_id {SEEN}",
        (EVERYONE, "select"): "true",
        (PERSON, "insert"): f"user_id = {ME} or (minor = 0 and {_OF_INVITED})",
        (EVERYONE, "insert"): f"user_id = {ME} or {ADMIN}",
    },
    "organisation_logo": {(_ALL, "select"): "true", (EVERYONE, "write"): ADMIN},
    # written by triggers and a job; whoever sees no amounts does not find the stored sums
    **dict.fromkeys(("giving_period", "pledge_change"), _OF_SUMS),
    **dict.fromkeys(("fund", "campaign", "tag", "custom_field"), _CHOSEN),
    "donor_access": {
        (_ALL, "select"): f"user_id = (select rls_viewer()) or {ADMIN}",
        (_OWN, "insert"): ABOUT,
        (EVERYONE, "insert"): "true",
    },
}
# what the roles of owners may read of a table: which rows an import changed, not their contents
_COLUMNS = {"import_change": "run_id, table_name, row_id"}
_VERBS = {
    "select": ("select",),
    "insert": ("insert",),
    "update": ("update",),
    "write": ("insert", "update", "delete"),
}
_CLAUSES = {
    "select": "using ({rows})",
    "insert": "with check ({rows})",
    "update": "using ({rows}) with check ({rows})",
    "delete": "using ({rows})",
}
_LOWER = """
do $$
declare item record;
begin
    for item in select tablename, policyname from pg_policies
                where schemaname = current_schema() and policyname like 'rls\\_%' loop
        execute format('drop policy %I on %I', item.policyname, item.tablename);
    end loop;
end $$
"""


def _statements() -> list[str]:
    """Return all SQL statements of row-level security, starting by dropping the old policies."""
    roles = ", ".join(ROLES)
    sql = [
        _LOWER,
        f"grant usage on schema public to {roles}",
        f"grant select, insert, update, delete on all tables in schema public to {roles}",
        f"grant usage, select on all sequences in schema public to {roles}",
        f"revoke all on alembic_version, donor_search_pending from {roles}",
    ]
    for name, columns in _COLUMNS.items():
        sql.append(f"revoke select on {name} from {_OWN}")
        sql.append(f"grant select ({columns}) on {name} to {_OWN}")
    for table in Base.metadata.sorted_tables:
        walls = policies(table)
        if walls:
            sql.append(f"alter table {table.name} enable row level security")
        for (whose, verb), rows in walls.items():
            for command in _VERBS[verb]:
                clause = _CLAUSES[command].format(rows=rows.format(table=table.name))
                number = len(sql)
                sql.append(
                    f"create policy rls_{number} on {table.name} for {command} to {whose} {clause}"
                )
    sql += account_grants.statements()
    return [*sql, f"comment on function {ENTERING} is '{_fingerprint(sql)}'"]


def _fingerprint(sql: list[str] | None = None) -> str:
    """Return a hash that changes with any statement of row-level security and any new table."""
    statements = _statements()[:-1] if sql is None else sql
    parts = [*statements, *sorted(Base.metadata.tables)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _is_migrated(connection: Connection) -> bool:
    """Return whether the migrations have created the function and every table."""
    query = text(
        f"select to_regprocedure('{ENTERING}') is not null and not exists"
        " (select from unnest(cast(:tables as text[])) t where to_regclass(t) is null)"
    )
    tables = sorted(Base.metadata.tables)
    return bool(connection.execute(query, {"tables": tables}).scalar_one())


def _installed_fingerprint(connection: Connection) -> str | None:
    query = f"select obj_description('{ENTERING}'::regprocedure, 'pg_proc')"
    comment = connection.execute(text(query)).scalar_one()
    return None if comment is None else str(comment)


def _has_roles(connection: Connection) -> bool:
    query = text(
        "select count(*) from pg_roles"
        " where rolname = any(:roles) and pg_has_role(session_user, oid, :right)"
    )
    values = {"roles": list(ROLES), "right": _right(connection)}
    count: int = connection.execute(query, values).scalar_one()
    return count == len(ROLES)


def _right(connection: Connection) -> str:
    """Return the privilege needed for SET ROLE: "set" from version 16, "member" before.

    From version 16 the creator of a role is its member, but cannot SET ROLE before a grant.
    """
    version = text("select current_setting('server_version_num')::int")
    return "set" if connection.execute(version).scalar_one() >= SEPARATE_SET else "member"


def make_roles(connection: Connection) -> bool:
    """Create the server-wide roles if they do not exist yet; return False when not allowed."""
    if _has_roles(connection):
        return True
    right = _right(connection)
    script = "".join(
        f"""
        begin create role {role} nologin;
        exception when duplicate_object or unique_violation then null; end;
        if not pg_has_role(session_user, '{role}', '{right}') then
            grant {role} to current_user;
        end if;
        """
        for role in ROLES
    )
    try:
        with connection.begin_nested():
            connection.execute(text(f"do $$ begin {script} end $$"))
    except DBAPIError:
        return False
    return _has_roles(connection)
