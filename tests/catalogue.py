"""Everything that the catalogue of a database says about its schema, to compare two databases.

Left out are what extensions brought, the version table of alembic, and the fingerprint of
row-level security. Of white space in the bodies of functions only its presence counts.
"""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

OURS = """
    n.nspname = 'public' and not exists (
        select from pg_depend x where x.objid = {oid} and x.deptype = 'e')
"""
TABLE = f"{OURS.format(oid='c.oid')} and c.relname <> 'alembic_version'"
# "kind of object" → name and definition of each
QUERIES = {
    "extension": "select extname, extversion from pg_extension",
    "relation": f"""
        select c.relname, concat_ws(' ', c.relkind, c.relrowsecurity, c.relforcerowsecurity,
            c.reloptions, c.relpersistence, c.relreplident)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where {TABLE}
    """,
    "column": f"""
        select c.relname || '.' || a.attname, concat_ws(' ',
            row_number() over (partition by c.oid order by a.attnum),
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
            a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where {TABLE} and c.relkind <> 'S'
    """,
    "constraint": f"""
        select c.relname || '.' || k.conname,
            concat_ws(' ', k.contype, pg_get_constraintdef(k.oid), k.convalidated)
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        join pg_namespace n on n.oid = c.relnamespace where {TABLE}
    """,
    "index": """
        select indexname, indexdef from pg_indexes
        where schemaname = 'public' and tablename <> 'alembic_version'
    """,
    "sequence": """
        select s.sequencename, concat_ws(' ', s.data_type, s.start_value, s.min_value, s.max_value,
            s.increment_by, s.cycle, s.cache_size,
            (select d.refobjid::regclass || '.' || a.attname from pg_depend d
             join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
             where d.objid = s.sequencename::regclass and d.deptype in ('a', 'i')))
        from pg_sequences s where s.schemaname = 'public'
    """,
    "function": f"""
        select p.oid::regprocedure::text, pg_get_functiondef(p.oid)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where {OURS.format(oid="p.oid")} and p.prokind in ('f', 'p')
    """,
    "aggregate": f"""
        select p.oid::regprocedure::text, concat_ws(' ', a.aggtransfn, a.aggfinalfn,
            a.aggtranstype::regtype, a.agginitval, p.proparallel)
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        join pg_aggregate a on a.aggfnoid = p.oid where {OURS.format(oid="p.oid")}
    """,
    "trigger": f"""
        select c.relname || '.' || t.tgname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_namespace n on n.oid = c.relnamespace where {TABLE} and not t.tgisinternal
    """,
    "view": "select viewname, definition from pg_views where schemaname = 'public'",
    "enum": """
        select enumtypid::regtype::text, string_agg(enumlabel, ' ' order by enumsortorder)
        from pg_enum group by 1
    """,
    "policy": """
        select tablename || '.' || policyname,
            concat_ws(' ', permissive, roles, cmd, qual, 'check', with_check)
        from pg_policies where schemaname = 'public'
    """,
    "rights": f"""
        select c.relname,
            (select string_agg(r::text, ' ' order by r::text) from unnest(c.relacl) r)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where {TABLE}
        union all
        select c.relname || '.' || a.attname, a.attacl::text
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid where {TABLE} and a.attacl is not null
        union all
        select p.oid::regprocedure::text, p.proacl::text
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where {OURS.format(oid="p.oid")}
    """,
    "comment": """
        select pg_describe_object(classoid, objoid, objsubid), description from pg_description
        where objoid >= 16384 and description !~ '^[0-9a-f]{64}$'
    """,
}


# a dump writes the conditions of these with more parentheses: ((a or b) or c)
CONDITIONS = ("constraint ", "trigger ")


def describe(connection: Connection, *, dumped: bool = False) -> dict[str, str]:
    """Return the definition of every object: "trigger gift.gift_inserted" → its definition.

    With `dumped`, conditions have no parentheses, to compare with a schema that was dumped.
    """
    return {
        name: re.sub(r"[()]", "", told) if dumped and name.startswith(CONDITIONS) else told
        for name, told in _described(connection)
    }


def _described(connection: Connection) -> Iterator[tuple[str, str]]:
    for kind, query in QUERIES.items():
        rows = connection.execute(text(query)).all()
        assert len({name for name, _ in rows}) == len(rows), kind
        for name, definition in rows:
            yield f"{kind} {name}", re.sub(r"\s+", " ", definition or "")
