"""Roles of the embedded server; the role of the application is not a superuser.

`postgres` is the server's superuser; it is used to create the roles and to check for other
connections before the server stops. `donorcrm` owns the database and is a member of the roles of
row-level security. It may create databases, which a restore drill does.
Clusters of earlier versions, where `donorcrm` was the superuser, are changed at the next start.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class's real name

from app.db.security.role_names import ROLES

SUPERUSER, APPLICATION, DATABASE = "postgres", "donorcrm", "donorcrm"
# the superuser that renames the superuser: a session cannot rename its own role
HELPER = "donorcrm_upgrade"

# for the single-user mode of a new cluster: one statement per line
NEW_CLUSTER = "".join(
    f"{statement}\n"
    for statement in (
        f"create role {APPLICATION} login createdb",
        *(f"create role {role} nologin" for role in ROLES),
        f"grant {', '.join(ROLES)} to {APPLICATION} with inherit false, set true",
        f"create database {DATABASE} owner {APPLICATION}",
    )
)

MAKE_ROLES = f"""
alter role {APPLICATION} rename to {SUPERUSER};
create role {APPLICATION} login createdb;
do $$
declare name text;
begin
    foreach name in array array['{"', '".join(ROLES)}'] loop
        if to_regrole(name) is null then execute format('create role %I nologin', name); end if;
        execute format('grant %I to {APPLICATION} with inherit false, set true', name);
    end loop;
end $$;
alter database {DATABASE} owner to {APPLICATION};
"""

# The superuser's objects outside the system schemas, except those of extensions and those that
# depend on another object (indexes, the sequences of columns, the types of tables).
GIVE_OBJECTS = f"""
do $$
declare item record;
begin
    for item in
        with given as (
            select oid from pg_namespace
            where nspname !~ '^pg_' and nspname <> 'information_schema'
        ), extended as (select classid, objid from pg_depend where deptype = 'e')
        select format('alter %s %s owner to {APPLICATION}', kind, name) as statement from (
            select case c.relkind when 'v' then 'view' when 'm' then 'materialized view'
                       when 'S' then 'sequence' else 'table' end as kind,
                   c.oid::regclass::text as name, 'pg_class'::regclass as classid, c.oid
            from pg_class c
            where c.relnamespace in (select oid from given)
              and c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relowner = 10 and not exists (
                  select from pg_depend d where d.classid = 'pg_class'::regclass
                      and d.objid = c.oid and c.relkind = 'S' and d.deptype in ('a', 'i'))
            union all
            select case p.prokind when 'a' then 'aggregate' when 'p' then 'procedure'
                       else 'function' end,
                   p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
            from pg_proc p
            where p.pronamespace in (select oid from given) and p.proowner = 10
            union all
            select case t.typtype when 'd' then 'domain' else 'type' end,
                   t.oid::regtype::text, 'pg_type'::regclass, t.oid
            from pg_type t
            where t.typnamespace in (select oid from given) and t.typowner = 10
              and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and exists (
                  select from pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
        ) object
        where not exists (
            select from extended e where e.classid = object.classid and e.objid = object.oid)
    loop
        execute item.statement;
    end loop;
end $$;
"""


def ensure_roles(folder: Path, port: int) -> None:
    """Remove SUPERUSER from the application's role in the cluster with its socket in `folder`."""
    with _connected(folder, port, APPLICATION) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper, to_regrole(%s) is not null from pg_roles"
            " where rolname = current_user",
            (HELPER,),
        )
        superuser, interrupted = cursor.fetchone() or (False, False)
        if superuser:
            cursor.execute(f"drop role if exists {HELPER}")
            cursor.execute(f"create role {HELPER} superuser login")
    if superuser:
        with _connected(folder, port, HELPER) as connection, connection.cursor() as cursor:
            # statements sent in one string are one transaction
            cursor.execute("set local lock_timeout = '20s';" + MAKE_ROLES + GIVE_OBJECTS)
    if superuser or interrupted:
        with _connected(folder, port, SUPERUSER) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop role if exists {HELPER}")


@contextmanager
def _connected(folder: Path, port: int, user: str) -> Iterator[Connection]:
    connection = psycopg2.connect(host=str(folder), port=port, user=user, dbname=DATABASE)
    connection.autocommit = True
    with closing(connection):
        yield connection
