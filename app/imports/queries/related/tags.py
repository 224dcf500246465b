"""Tags of donors, and tags that no donor has yet."""

from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import RelatedKind, refuse

TAGS = RelatedKind(
    table="tag",
    shape={"tag": "text", "tag_id": "bigint"},
    records="(select d.tag_id as id, d.donor_id, d.tag_id from donor_tag d)",
    same="k.donor_id = s.donor_id and k.tag_id = s.tag_id",
    key="coalesce(s.donor_id, 0), coalesce(s.tag_id::text, lower(s.tag))",
    shown={"tag": ("s.tag", "k.name")},
    finds=(
        """
        update {table} s set tag_id = coalesce(t.merged_into_id, t.id) from tag t
        where lower(t.name) = lower(s.tag)
        """,
        # a row without a donor only says that there is such a tag
        """
        update {table} s set action = 'skip'
        where s.action is null and s.donor_id is null and s.tag_id is not null
        """,
        refuse(
            "not :admin and s.donor_id is null and s.tag_id is null",
            "tag",
            problem_sql("only_administrators"),
        ),
    ),
    adds=(
        """
        with made as (
            insert into tag (name)
            select distinct on (lower(s.tag)) s.tag from {table} s
            where s.action = 'create' and s.tag_id is null order by lower(s.tag), s.row
            returning id)
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, 'tag', id, '{}', '{}' from made
        """,
        """
        insert into donor_tag (donor_id, tag_id, import_run_id)
        select s.donor_id, coalesce(t.merged_into_id, t.id), :run from {table} s
        join tag t on lower(t.name) = lower(s.tag)
        where s.action = 'create' and s.donor_id is not null order by s.row
        on conflict do nothing
        """,
    ),
    donor="optional",
)
