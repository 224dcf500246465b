"""Match staged donor rows to donors: by id, then e-mail, then name with postcode or phone."""

from collections.abc import Mapping

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.imports.queries.donors import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql

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
    for statement in (*_BY_ID, _REFUSE_OTHERS, _BY_EMAIL, _BY_NAME):
        db.execute(text(statement.replace("{scope}", scope)), values)
    ambiguous_donor_queries.apply_answers(db, actor, source=source, answers=answers)
    for statement in DUPLICATES:
        db.execute(text(statement))


_BY_ID = (
    """
    update import_donors s set target_id = x.donor_id, how = 'id' from donor_external_id x
    where x.source = :source and x.external_id = s.ext_id
    """,
    """
    update import_donors s set target_id = donor.id, how = 'id' from donor
    where donor.id = s.own_id and s.target_id is null
    """,
)
_REFUSE_OTHERS = f"""
    update import_donors s set action = 'conflict', field = 'id', reason = {NOT_YOURS},
        target_id = null
    where target_id is not null
        and not exists (select 1 from donor where donor.id = s.target_id and {{scope}})
"""
# a donor that already has another id of this source is a different person in that source
_NO_OTHER_ID = """
    not (s.ext_id not like 'row:%' and exists (
        select 1 from donor_external_id x
        where x.donor_id = donor.id and x.source = :source and x.external_id not like 'row:%'))
"""
_BY_EMAIL = f"""
    with found as (
        select s.row, min(donor.id) as id, count(distinct donor.id) as donors,
               coalesce(bool_or(
                   string_to_array(normalise(donor.name), ' ')
                       && string_to_array(normalise(s.name), ' ')
                   or lower(donor.first_name) = lower(s.first_name)
                   or lower(donor.spouse_first_name) = lower(s.first_name)), false) as alike
        from import_donors s
        join donor_email e on lower(e.email) = lower(s.email)
        join donor on donor.id = e.donor_id and {{scope}}
        where s.target_id is null and s.action is null and {_NO_OTHER_ID}
        group by s.row
    )
    update import_donors s set how = 'email',
        target_id = case when donors = 1 and alike then found.id end,
        action = case when donors > 1 or not alike then 'conflict' end,
        asked = case when donors > 1 then 'email_many' when not alike then 'email_name' end,
        field = 'email',
        reason = case
            when donors > 1 then {problem_sql("email_of_several_donors", donors="donors")}
            when not alike then {problem_sql("email_of_other_name")} end
    from found where found.row = s.row
"""
_BY_NAME = f"""
    with found as (
        select s.row, min(donor.id) as id, count(distinct donor.id) as donors
        from import_donors s
        join donor on lower(donor.name) = lower(s.name) and {{scope}}
        where s.target_id is null and s.action is null and {_NO_OTHER_ID}
            and (exists (select 1 from donor_address a where a.donor_id = donor.id
                         and {_POSTCODE.format("a.postal_code")}
                             = {_POSTCODE.format("s.postal_code")}
                         and s.postal_code <> '')
                 or exists (select 1 from donor_phone p where p.donor_id = donor.id
                            and {_DIGITS.format("p.phone")} = {_DIGITS.format("s.phone")}
                            and length({_DIGITS.format("s.phone")}) >= 5))
        group by s.row
    )
    update import_donors s set how = 'name',
        target_id = case when donors = 1 then found.id end,
        action = case when donors > 1 then 'conflict' end,
        asked = case when donors > 1 then 'name_many' end,
        field = 'name',
        reason = case
            when donors > 1 then {problem_sql("name_of_several_donors", donors="donors")} end
    from found where found.row = s.row
"""
DUPLICATES = (
    # two rows match one donor: the row matched by id counts, else the earlier one
    f"""
    with ranked as (
        select row, ext_id, first_value(row) over w as first, row_number() over w as place
        from import_donors where target_id is not null and action is null
        window w as (partition by target_id order by (how = 'id') desc, row)
    )
    update import_donors s set
        action = case when s.ext_id like 'row:%' then 'skip' else 'conflict' end,
        field = 'id',
        reason = case when s.ext_id like 'row:%' then {problem_sql("same_donor", row="first")}
                      else {problem_sql("donor_under_other_id", row="first")} end
    from ranked where ranked.row = s.row and place > 1
    """,
    # among new donors without ids, one e-mail is one person
    f"""
    with ranked as (
        select row, name, first_value(row) over w as first, first_value(name) over w as first_name
        from import_donors
        where target_id is null and action is null and ext_id like 'row:%' and email <> ''
        window w as (partition by lower(email) order by row)
    )
    update import_donors s set
        action = case when lower(s.name) = lower(ranked.first_name) then 'skip'
                      else 'conflict' end,
        field = 'email', same_as = first,
        reason = case when lower(s.name) = lower(ranked.first_name)
                      then {problem_sql("same_person", row="first")}
                      else {problem_sql("email_repeated", row="first")} end
    from ranked where ranked.row = s.row and ranked.first <> s.row
    """,
    f"""
    with ranked as (
        select row, first_value(row) over w as first
        from import_donors
        where target_id is null and action is null and ext_id like 'row:%'
            and coalesce(postal_code, phone) is not null
        window w as (partition by lower(name), coalesce(postal_code, phone) order by row)
    )
    update import_donors s set action = 'skip', field = 'name', same_as = first,
        reason = {problem_sql("same_person", row="first")}
    from ranked where ranked.row = s.row and ranked.first <> s.row
    """,
)
