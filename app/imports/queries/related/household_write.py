"""Statements that create households and let donors join them."""

FOUND = (
    # materialised: a join would draw another id for each row of a household
    """
    with n as materialized (
        select q.household_key, nextval(pg_get_serial_sequence('donor', 'id')) as id
        from (select household_key, min(row) as row from {table}
              where action = 'create' and household_id is null group by 1 order by 2) q)
    update {table} s set household_id = n.id, founded = true from n
    where n.household_key = s.household_key and s.action = 'create'
    """,
    """
    insert into donor (id, kind, name, salutation, envelope_name, owner_id, import_run_id)
    select household_id, 'household', (array_agg(household_name order by row)
               filter (where household_name is not null))[1],
           (array_agg(household_salutation order by row)
               filter (where household_salutation is not null))[1],
           (array_agg(household_envelope_name order by row)
               filter (where household_envelope_name is not null))[1],
           min(owner_id), :run
    from {table} where founded group by household_id order by household_id
    """,
    """
    insert into donor_external_id (source, external_id, donor_id, import_run_id)
    select distinct :source,
        case when :source = 'donorcrm' then '' else 'household:' end || household_ext,
        household_id, :run
    from {table} where founded and household_ext is not null
    """,
)
_NAMED = "any(string_to_array(s.field, ', '))"
_NEW_HEAD = f"""
    from donor d join {{table}} s on s.household_id = d.household_id and s.head
        and (s.action = 'create' or s.action = 'update' and 'head' = {_NAMED})
    where d.household_head and d.id <> s.donor_id
"""
# members who join, heads who are replaced, and the households, which may become anonymous
REMEMBER = (
    f"""
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'donor', d.id, to_jsonb(d), '{{}}'::jsonb from donor d
    where d.id in (
        select s.donor_id from {{table}} s where s.action = 'create'
        union select d.id {_NEW_HEAD}
        union select s.household_id from {{table}} s
        where s.action in ('create', 'update') and s.founded is null)
    on conflict do nothing
    """,
)


def _value(column: str) -> str:
    """Return SQL for what the rows of a household say about it, null where they say nothing."""
    return f"""
        (select s.household_{column} from {{table}} s where s.household_id = h.id
             and s.household_{column} is not null and (
                 s.action = 'update' and '{column}' = {_NAMED}
                 or s.action = 'create' and h.{column} is null)
         order by s.row limit 1)
    """


_COLUMNS = ("name", "salutation", "envelope_name")
CHANGE = (
    f"""
    update donor h set
        {", ".join(f"{column} = coalesce({_value(column)}, h.{column})" for column in _COLUMNS)},
        version = h.version + 1, updated_at = now()
    where h.id in (select s.household_id from {{table}} s
                   where s.action in ('create', 'update') and s.founded is null)
        and ({" or ".join(f"{_value(column)} is not null" for column in _COLUMNS)})
    """,
    f"""
    update donor o set household_head = false, version = o.version + 1, updated_at = now()
    where o.id in (select d.id {_NEW_HEAD})
    """,
)
JOIN = (
    """
    update donor d set household_id = s.household_id, household_head = coalesce(s.head, false),
        version = d.version + 1, updated_at = now()
    from {table} s where s.action = 'create' and d.id = s.donor_id
    """,
)
