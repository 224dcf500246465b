"""Match staged donor rows to donors: by id, then e-mail, then name with postcode or phone."""

from collections.abc import Mapping

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.imports.queries.donors import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries.donors import email_names
from app.imports.queries.donors.ambiguous_donors import HAS_ID_OF_SOURCE
from app.imports.queries.donors.duplicates import DUPLICATES, merge
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import add_notes, scope_sql

_DIGITS = "regexp_replace({}, '\\D', '', 'g')"
_POSTCODE = "upper(regexp_replace({}, '\\s', '', 'g'))"
NOT_YOURS = problem_sql("id_not_allowed")


def match(db: Session, actor: Actor, *, source: str, answers: Mapping[str, str]) -> None:
    """Find the donor of every staged row among those the actor may change.

    An ambiguous match becomes a question (`ambiguous_donors.KINDS`) and is never guessed; until it
    is answered the row is a conflict with its reason.
    """
    scope = scope_sql(actor)
    values = {"source": source}
    email_names.mark(db)
    for statement in (*_BY_ID, _REFUSE_OTHERS, *LOOKUPS):
        db.execute(text(statement.replace("{scope}", scope)), values)
    add_notes(db, _NOTE_OTHER_SOURCE)
    ambiguous_donor_queries.apply_answers(db, actor, source=source, answers=answers)
    for statement in DUPLICATES:
        db.execute(text(statement))
    merge(db)


_BY_ID = (
    """
    update import_donors s set target_id = x.donor_id, how = 'id' from donor_external_id x
    where x.source = :source and x.external_id = s.ext_id
    """,
    """
    with found as (
        select s.row, donor.id from import_donors s
        cross join lateral (select d.id from donor d where d.id = s.own_id offset 0) donor
        where s.own_id is not null and s.target_id is null)
    update import_donors s set target_id = found.id, how = 'id'
    from found where found.row = s.row
    """,
)
_REFUSE_OTHERS = f"""
    update import_donors s set action = 'conflict', field = 'id', reason = {NOT_YOURS},
        target_id = null
    where target_id is not null
        and not exists (select 1 from donor where donor.id = s.target_id and {{scope}})
"""
# The donors of a row are looked up by an index, row by row: `offset 0` keeps the server from
# reading all known donors instead, of which there may be many more than rows. For the same reason
# these are scalar subqueries and not `exists`, which may read a whole table to hash it.
_BY_KEY = "cross join lateral (select * from donor d where d.id = {}.donor_id offset 0) donor"
# a donor that already has another id of this source is a different person in that source
_NO_OTHER_ID = f"""
    (s.ext_id like 'row:%' or {HAS_ID_OF_SOURCE.format("donor.id")} is null)
"""
# the same id and the same name in another system: a file without a system of its own, such as a
# list of contacts, and the export of gifts that goes with it
_BY_ID_AND_NAME = f"""
    with recursive sources as (
        select min(source) as source from donor_external_id
        union all
        select (select min(x.source) from donor_external_id x where x.source > k.source)
        from sources k where k.source is not null
    ), found as (
        select s.row, min(donor.id) as id, count(distinct donor.id) as donors
        from import_donors s
        join sources k on k.source <> :source
        cross join lateral (select x.donor_id from donor_external_id x
                            where x.source = k.source and x.external_id = s.ext_id offset 0) x
        {_BY_KEY.format("x")}
        where s.target_id is null and s.action is null and s.ext_id not like 'row:%' and {{scope}}
            and normalise(donor.name) = normalise(s.name) and {_NO_OTHER_ID}
        group by s.row)
    update import_donors s set target_id = found.id, how = 'other source'
    from found where found.row = s.row and found.donors = 1
"""
_NOTE_OTHER_SOURCE = f"""
    select s.row, 'id', {problem_sql("id_of_other_source", id="s.ext_id")}
    from import_donors s where s.how = 'other source'
"""
_NO_WORDS = "'\\m(and|und|et|the|of|mr|mrs|ms|dr)\\M|[.,&()]', '', 'g'"


def _words(name: str) -> str:
    """Return SQL for the words of a name that tell one person from another."""
    plain = f"regexp_replace(normalise({name}), {_NO_WORDS})"
    return f"array_remove(string_to_array({plain}, ' '), '')"


# the same person: the first name of one is in the other's name, or is its initial; a shared last
# name alone is no evidence, as couples share an e-mail
_INITIAL = """
    (left(lower(s.first_name), 1) = left(lower(donor.first_name), 1)
     and 1 in (length(split_part(rtrim(s.first_name, '.'), ' ', 1)),
               length(split_part(rtrim(donor.first_name, '.'), ' ', 1))))
"""
_SAME_PERSON = f"""
    (lower(donor.name) = lower(s.name)
     or s.nameless or {email_names.is_email("donor.name", "e.email")}
     or lower(donor.first_name) = lower(s.first_name)
     or lower(donor.spouse_first_name) = lower(s.first_name)
     or ({_words("donor.name")} && {_words("s.name")}
         and (coalesce(s.first_name, '') = '' or coalesce(donor.first_name, '') = ''
              or {_words("s.first_name")} && {_words("donor.name")}
              or {_words("donor.first_name")} && {_words("s.name")}
              or {_words("donor.spouse_first_name")} && {_words("s.name")} or {_INITIAL})))
"""
_BY_EMAIL = f"""
    with found as (
        select s.row, min(donor.id) as id, count(distinct donor.id) as donors,
               coalesce(bool_or({_SAME_PERSON}), false) as alike,
               count(distinct donor.id) filter (where lower(donor.name) = lower(s.name)) as exact,
               min(donor.id) filter (where lower(donor.name) = lower(s.name)) as exact_id
        from import_donors s
        cross join lateral (select e.email, e.donor_id from donor_email e
                            where lower(e.email) = lower(s.email) offset 0) e
        {_BY_KEY.format("e")}
        where s.target_id is null and s.action is null and {{scope}} and {_NO_OTHER_ID}
        group by s.row
    ), decided as (
        select *, case when exact = 1 then exact_id when donors = 1 and alike then id end as same
        from found
    )
    update import_donors s set how = 'email', target_id = same,
        action = case when same is null then 'conflict' end,
        asked = case when same is not null then null
                     when donors > 1 then 'email_many' else 'email_name' end,
        field = 'email',
        reason = case
            when same is not null then null
            when donors > 1 then {problem_sql("email_of_several_donors", donors="donors")}
            else {problem_sql("email_of_other_name")} end
    from decided where decided.row = s.row
"""
_BY_NAME = f"""
    with named as materialized (
        select s.row, s.ext_id, s.name, {_POSTCODE.format("s.postal_code")} as postcode,
            {_DIGITS.format("s.phone")} as digits
        from import_donors s where s.target_id is null and s.action is null
    ), alike as materialized (
        select s.row, s.ext_id, d.id as donor_id from named s
        cross join lateral (select d.id from donor d where lower(d.name) = lower(s.name)
                            offset 0) d
        where coalesce(
            (select true from donor_address a where a.donor_id = d.id and s.postcode <> ''
                and {_POSTCODE.format("a.postal_code")} = s.postcode limit 1),
            (select true from donor_phone p where p.donor_id = d.id and length(s.digits) >= 5
                and {_DIGITS.format("p.phone")} = s.digits limit 1))
    ), found as (
        select s.row, min(donor.id) as id, count(*) as donors
        from alike s {_BY_KEY.format("s")}
        where {{scope}} and {_NO_OTHER_ID}
        group by s.row)
    update import_donors s set how = 'name',
        target_id = case when donors = 1 then found.id end,
        action = case when donors > 1 then 'conflict' end,
        asked = case when donors > 1 then 'name_many' end,
        field = 'name',
        reason = case
            when donors > 1 then {problem_sql("name_of_several_donors", donors="donors")} end
    from found where found.row = s.row
"""
# by what may be known of a new donor; each row is looked up by an index
LOOKUPS = (_BY_ID_AND_NAME, _BY_EMAIL, _BY_NAME)
