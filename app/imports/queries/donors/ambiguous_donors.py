"""Rows that may match several donors: find candidates, apply the answers, read the questions."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.imports.planning.ambiguous_donors import MAX_QUESTIONS, Candidate, Question
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql

# limit of new names compared with similar names: without it, larger files would take minutes
COMPARED = 2_000
CANDIDATES = 5
# a word shared by more names than this does not narrow the search; LETTERS is the length of the
# common prefix that does, as in the index of `name_parts`; it tolerates a typing error further on
COMMON = 100
LETTERS = 6
# SQL for true if a donor has an id of the source, else null; `offset 0` keeps the server from
# reading all ids of the source for each donor, if it expects few
HAS_ID_OF_SOURCE = """
    (select true from (select * from donor_external_id x where x.donor_id = {} offset 0) x
     where x.source = :source and x.external_id not like 'row:%' limit 1)
"""


def apply_answers(db: Session, actor: Actor, *, source: str, answers: Mapping[str, str]) -> None:
    """Find the candidates of ambiguous rows, and apply the user's answers."""
    scope = scope_sql(actor)
    values = {
        "source": source,
        "compared": COMPARED,
        "most": CANDIDATES,
        "common": COMMON,
        "letters": LETTERS,
        "answers": json.dumps(dict(answers)),
    }
    parts = _PARTS_OF_ALL if actor.sees_everyone else _PARTS_IN_SCOPE
    for statement in (*_FIND_ASKED, *parts, *_FIND_SIMILAR, _APPLY_ANSWERS):
        sql = statement.replace("{scope}", scope)
        db.execute(text(sql), {name: value for name, value in values.items() if f":{name}" in sql})


def questions(db: Session) -> tuple[Question, ...]:
    """Return the first questions with all their candidates; similar names come last."""
    rows = db.execute(text(_QUESTIONS), {"limit": MAX_QUESTIONS}).all()
    return tuple(
        Question(
            row.row,
            row.asked,
            row.name,
            row.email,
            row.city,
            tuple(_candidate(**candidate) for candidate in row.candidates),
            row.alike,
            row.phone,
            row.address,
        )
        for row in rows
    )


def _candidate(*, last_gift_date: str | None, **values: Any) -> Candidate:
    day = date.fromisoformat(last_gift_date) if last_gift_date else None
    return Candidate(**values, last_gift_date=day)


_FIND_ASKED = (
    "drop table if exists import_candidates",
    (
        "create temporary table import_candidates (row bigint, donor_id bigint, alike real)"
        " on commit drop"
    ),
    """
    insert into import_candidates
    select distinct s.row, donor.id, similarity(normalise(donor.name), normalise(s.name))
    from import_donors s join donor_email e on lower(e.email) = lower(s.email)
    join donor on donor.id = e.donor_id and {scope}
    where s.asked in ('email_name', 'email_many')
    """,
    """
    insert into import_candidates
    select distinct s.row, donor.id, 1 from import_donors s
    join donor on lower(donor.name) = lower(s.name) and {scope}
    where s.asked = 'name_many'
    """,
    # similar: alike in spelling, or the same words in another order, without contradicting data;
    # compared are donors that share a rare word, or whose names begin with the same letters.
    # Each step is a table with its own statistics: in a single statement, PostgreSQL 15 compares
    # every new name with every donor's before it looks for a shared word, and does not finish
    "drop table if exists import_wanted, import_parts, import_pairs",
    """
    create temporary table import_wanted on commit drop as
    with fresh as materialized (
        select row, normalise(name) as name from import_donors
        where target_id is null and action is null and btrim(coalesce(name, '')) <> ''
        order by row limit :compared
    )
    select row, unnest(string_to_array(name, ' ')) as part from fresh
    union select row, left(replace(name, ' ', ''), :letters) from fresh
    """,
    "analyze import_wanted",
)
# Of all donors: each part is looked up in the index, and no further than needed to see that it is
# too frequent. The server may not know that, and would read all donors for each of them.
_PARTS_OF_ALL = (
    # new entries wait in the index unsorted, and each search would read all of them
    "select gin_clean_pending_list('ix_donor_name_parts')",
    "set local enable_seqscan = off",
    """
    create temporary table import_parts on commit drop as
    select w.part, d.id
    from (select distinct part from import_wanted where length(part) > 2) w
    cross join lateral (select id from donor where name_parts(name) @> array[w.part]
                            and {scope} limit :common + 1) d
    """,
    "set local enable_seqscan to default",
)
# of one user's donors, which are few: all of their names
_PARTS_IN_SCOPE = (
    """
    create temporary table import_parts on commit drop as
    with kept as materialized (
        select id, name from donor where {scope} and exists (select from import_wanted)
    )
    select distinct p.part, k.id from kept k, unnest(name_parts(k.name)) p (part)
    where length(p.part) > 2 and p.part in (select part from import_wanted)
    """,
)
_FIND_SIMILAR = (
    """
    create temporary table import_pairs on commit drop as
    with rare as materialized (
        select part from import_parts group by part having count(*) <= :common
    )
    select distinct w.row, p.id
    from import_wanted w join import_parts p using (part) join rare using (part)
    """,
    "analyze import_pairs",
    """
    insert into import_candidates
    with named as materialized (
        select s.row, donor.id, normalise(donor.name) as kept, normalise(s.name) as name,
            s.email, s.postal_code
        from import_pairs p join import_donors s on s.row = p.row
        cross join lateral (select d.id, d.name from donor d where d.id = p.id offset 0) donor
    ), alike as materialized (
        select * from (select *, similarity(kept, name) as alike from named offset 0) n
        where alike >= 0.6 or length(kept) = length(name)
            and array(select unnest(string_to_array(kept, ' ')) order by 1)
              = array(select unnest(string_to_array(name, ' ')) order by 1)
    )
    select s.row, s.id, s.alike from alike s
    where """
    + HAS_ID_OF_SOURCE.format("s.id")
    + """ is null
        and not ((select true from donor_email e where e.donor_id = s.id limit 1) is not null
                 and s.email <> '' and s.postal_code <> ''
                 and exists (select from donor_address a
                             where a.donor_id = s.id and a.postal_code <> ''
                                and upper(replace(a.postal_code, ' ', ''))
                                 <> upper(replace(s.postal_code, ' ', ''))))
    """,
    """
    update import_donors s set asked = 'similar'
    where asked is null and exists (select from import_candidates c where c.row = s.row)
    """,
    """
    delete from import_candidates c using (
        select row, donor_id, row_number() over (partition by row order by alike desc, donor_id)
            as place from import_candidates) r
    where r.row = c.row and r.donor_id = c.donor_id and r.place > :most
    """,
)
_APPLY_ANSWERS = f"""
    with said as (
        select s.row, coalesce(a.answers ->> s.row::text, a.answers ->> ('*' || s.asked)) as word,
            array(select donor_id from import_candidates c where c.row = s.row) as offered
        from import_donors s, (select cast(:answers as jsonb) as answers) a
        where s.asked is not null
    ), meant as (
        select row, word, case
            when word = 'same' and cardinality(offered) = 1 then offered[1]
            when word ~ '^[0-9]+$' and word = any(offered::text[]) then word::bigint
        end as donor_id from said where word is not null
    )
    update import_donors s set
        target_id = m.donor_id,
        how = case when m.donor_id is not null then 'asked' else 'new' end,
        action = case when word = 'skip' then 'skip' end,
        field = null,
        reason = case when word = 'skip' then {problem_sql("left_out_by_user")} end
    from meant m where m.row = s.row and (m.donor_id is not null or word in ('new', 'skip'))
"""
_QUESTIONS = """
    select s.row, s.asked, s.name, s.email, s.city, s.phone,
        nullif(concat_ws(', ', s.street, s.postal_code), '') as address,
        count(*) over (partition by s.asked) as alike,
        (select json_agg(json_build_object(
             'donor_id', d.id, 'name', d.name,
             'email', (select email from donor_email e where e.donor_id = d.id
                       order by is_primary desc, id limit 1),
             'city', (select city from donor_address a where a.donor_id = d.id
                      order by is_primary desc, id limit 1),
             'phone', (select phone from donor_phone p where p.donor_id = d.id
                       order by is_primary desc, id limit 1),
             'address', (select nullif(concat_ws(', ', street, postal_code), '')
                         from donor_address a where a.donor_id = d.id
                         order by is_primary desc, id limit 1),
             'gifts', coalesce(t.gifts, 0), 'last_gift_date', t.last_gift_date)
             order by c.alike desc, d.id)
         from import_candidates c join donor d on d.id = c.donor_id
         left join donor_summary t on t.donor_id = d.id where c.row = s.row)
        as candidates
    from import_donors s where s.asked is not null
    order by (s.asked = 'similar'), s.row limit :limit
"""
