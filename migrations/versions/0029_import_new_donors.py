"""Refresh the search text of donors once per import; find donors by the words of their names.

The triggers of donors, e-mails, phones and external ids no longer refresh the search text
themselves. They store the donors concerned in `donor_search_pending`, and a constraint trigger on
that table refreshes them. It is immediate by default, so an edit refreshes the text within its
statement. An import defers it (`set constraints donor_search_refreshed deferred`) and runs it once
for all donors at its end.

The switch cannot leave a search text stale: PostgreSQL runs a deferred constraint trigger before
the transaction commits, whoever deferred it. No user may write the table, so nobody can remove the
donors waiting in it.

Two transactions that change one donor at the same time each computed the text without the other's
change, and the second one stored it. The text is now locked before it is computed, so the second
one sees what the first has committed. The view is the definition of the search text; tests compare
it with the stored texts.

An import looks for donors whose names are similar to new ones: they share a rare word, or the
first letters. An index of these parts replaces reading the names of all donors for each import.

Revision ID: 0029_import_new_donors
Revises: 0028_care_requests
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029_import_new_donors"
down_revision = "0028_care_requests"
branch_labels = None
depends_on = None

CHILDREN = ("donor_email", "donor_phone", "donor_external_id")

# `offset 0` keeps the order out of the search for a donor's rows: an index that has the order and
# not the donor would be read as a whole.
FRESH = r"""
create view donor_search_fresh with (security_invoker = true) as
select d.id as donor_id,
       normalise(concat_ws(' ', d.name, d.first_name, d.last_name, d.spouse_first_name,
                           d.spouse_last_name, e.words, p.words, x.words)) as text
from donor d
left join lateral (select string_agg(email, ' ' order by id) as words
                   from (select * from donor_email where donor_id = d.id offset 0) o) e on true
left join lateral (select string_agg(phone || ' ' || regexp_replace(phone, '\D', '', 'g'), ' '
                                     order by id) as words
                   from (select * from donor_phone where donor_id = d.id offset 0) o) p on true
left join lateral (select string_agg(external_id, ' ' order by source, external_id) as words
                   from (select * from donor_external_id where donor_id = d.id offset 0) o) x
    on true;
"""

# The function is called for one donor as for 100,000. A plan cached while the tables were small
# would read a whole table of addresses for each donor, so it is planned anew for each call; and so
# would a new plan while the statistics still say that a table is empty, so it uses the indexes.
REFRESH = """
create or replace function refresh_donor_search(ids bigint[]) returns void language plpgsql
    set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
begin
    -- wait for other transactions that change these donors: the next statement sees their changes
    perform from donor_search where donor_id = any(ids) order by donor_id for update;
    insert into donor_search as t (donor_id, text)
    select donor_id, text from donor_search_fresh where donor_id = any(ids) order by donor_id
    on conflict (donor_id) do update set text = excluded.text where t.text <> excluded.text;
end $$;
"""

# With the rights of the owner of the tables, whoever writes. The first row refreshes all donors
# that wait, so that an import is one refresh.
PENDING = """
create function donor_search_refresh() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
declare ids bigint[];
begin
    with waiting as (delete from donor_search_pending returning donor_ids)
    select array_agg(distinct id) into ids from waiting, unnest(donor_ids) id;
    if ids is not null then
        perform refresh_donor_search(ids);
    end if;
    return null;
end $$;

create constraint trigger donor_search_refreshed after insert on donor_search_pending
deferrable initially immediate for each row execute function donor_search_refresh();

create function await_donor_search(ids bigint[]) returns void language plpgsql as $$
begin
    -- deleting a donor deletes from each of these tables, mostly no row
    if cardinality(ids) > 0 then
        insert into donor_search_pending (donor_ids) values (ids);
    end if;
end $$;
"""

# The words of a name and the first six letters of all of them. An import sorts in the entries that
# wait in the index before it searches, as every search reads all of them.
NAME_PARTS = """
create function name_parts(value text) returns text[]
language sql immutable parallel safe as
$$ select string_to_array(public.normalise(value) || ' '
                          || left(replace(public.normalise(value), ' ', ''), 6), ' ') $$;
create index ix_donor_name_parts on donor using gin (name_parts(name));
"""

FUNCTION = """
create or replace function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    {call}array({ids}));
    return null;
end $$
"""
CHANGED = {
    "inserted": "select distinct donor_id from new_rows",
    "deleted": "select distinct donor_id from old_rows",
    "updated": "select donor_id from new_rows union select donor_id from old_rows",
}
# calls of the functions of 0008 on donors, which also maintain the aggregates
CALL, OLD_CALL = "perform await_donor_search(", "perform refresh_donor_search("
REPLACE = """
do $$
declare item regprocedure;
begin
    foreach item in array array['donor_inserted()', 'donor_updated()']::regprocedure[] loop
        execute replace(pg_get_functiondef(item), '{old}', '{new}');
    end loop;
end $$
"""

OLD_REFRESH = r"""
create or replace function refresh_donor_search(ids bigint[]) returns void language sql
    set plan_cache_mode = force_custom_plan as $$
    insert into donor_search as t (donor_id, text)
    select d.id, normalise(concat_ws(' ', d.name, d.first_name, d.last_name, d.spouse_first_name,
                                     d.spouse_last_name, e.words, p.words, x.words))
    from donor d
    left join lateral (select string_agg(email, ' ') as words
                       from donor_email where donor_id = d.id) e on true
    left join lateral (select string_agg(phone || ' ' || regexp_replace(phone, '\D', '', 'g'),
                                         ' ') as words
                       from donor_phone where donor_id = d.id) p on true
    left join lateral (select string_agg(external_id, ' ') as words
                       from donor_external_id where donor_id = d.id) x on true
    where d.id = any(ids) order by d.id
    on conflict (donor_id) do update set text = excluded.text where t.text <> excluded.text;
$$;
"""


def upgrade() -> None:
    op.create_table(
        "donor_search_pending",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_ids", postgresql.ARRAY(sa.BigInteger), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_donor_search_pending"),
    )
    for statements in (FRESH, REFRESH, PENDING, NAME_PARTS):
        op.execute(statements)
    for table in CHILDREN:
        for past, ids in CHANGED.items():
            op.execute(FUNCTION.format(name=f"{table}_{past}", call=CALL, ids=ids))
    op.execute(REPLACE.format(old=OLD_CALL, new=CALL))
    # the order of several e-mails, phones and ids in a text is now fixed
    op.execute("select refresh_donor_search(array(select id from donor))")


def downgrade() -> None:
    op.execute(REPLACE.format(old=CALL, new=OLD_CALL))
    for table in CHILDREN:
        for past, ids in CHANGED.items():
            op.execute(FUNCTION.format(name=f"{table}_{past}", call=OLD_CALL, ids=ids))
    op.execute(OLD_REFRESH)
    op.execute("drop view donor_search_fresh")
    op.execute("drop index ix_donor_name_parts")
    op.execute("drop function name_parts(text)")
    op.drop_table("donor_search_pending")
    op.execute("drop function donor_search_refresh()")
    op.execute("drop function await_donor_search(bigint[])")
