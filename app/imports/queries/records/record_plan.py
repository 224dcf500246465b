"""Plan contacts, tasks, consents and requests of a file: find donors, users, stored records."""

from sqlalchemy import text

from app.accounts import Actor, Role
from app.db import Session
from app.imports.queries.donors.matching import NOT_YOURS
from app.imports.queries.lookups import joins
from app.imports.queries.problems import problem_sql
from app.imports.queries.records.record_kinds import RECORD_KINDS, RecordKind
from app.imports.queries.staging import scope_sql


def plan(db: Session, actor: Actor, *, kind: str, source: str) -> None:
    """Set the action of every staged row of a kind."""
    spec, table = RECORD_KINDS[kind], f"import_{kind}"
    lookups, no_donor, _, _ = joins(db, actor, kind, gifts=False, mixed=False)
    values = {
        "source": source,
        "me": actor.user_id or None,
        "all": actor.role in {Role.ADMIN, Role.SYSTEM},
    }
    named = "(s.donor_ext is not null or s.email is not null)" if spec.donor_optional else "true"
    statements = [
        *((_SWITCHED_OFF,) if kind == "requests" else ()),
        f"""
        update {table} s set donor_id = k.donor_id,
            action = coalesce(s.action, case when k.no_donor is not null then 'error' end),
            field = coalesce(s.field, case when k.no_donor is not null then 'donor' end),
            reason = coalesce(s.reason, k.no_donor)
        from (select s.row, donor.id as donor_id, case when {named} then {no_donor} end as no_donor
              from {table} s {lookups}) k
        where k.row = s.row
        """,
        # only administrators say what others did: for anybody else the name is left out
        f"""
        update {table} s set person_id = u.id from app_user u
        where lower(u.email) = s.person_email and (:all or u.id = :me)
        """,
        f"""
        update {table} s set target_id = k.id from {spec.table} k
        where k.import_source = :source and k.external_id = s.ext_id
        """,
        f"""
        update {table} s set target_id = k.id from {spec.table} k
        where k.id = s.own_id and s.target_id is null
        """,
        _compare(spec, table, scope_sql(actor)),
        *_OF_KIND.get(kind, ()),
        f"update {table} set action = 'create' where action is null",
    ]
    for statement in statements:
        db.execute(text(statement), values)


def _compare(spec: RecordKind, table: str, scope: str) -> str:
    """Return SQL that decides about the rows of stored records."""
    seen = f"exists (select from donor where donor.id = k.donor_id and {scope})"
    if spec.donor_optional:
        seen = f"case when k.donor_id is null then k.{spec.user} = :me else {seen} end"
    changed = ", ".join(
        f"case when {condition} then '{name}' end" for name, condition in spec.differs.items()
    )
    changed = f"nullif(concat_ws(', ', {changed}), '')"
    elsewhere = "s.donor_id is distinct from k.donor_id"
    version = "k.version" if spec.versioned else "null::bigint"
    changes = "'update'" if spec.updates else "'conflict'"
    unlike = "null" if spec.updates else problem_sql("consent_unlike_stored")
    return f"""
        update {table} s set target_version = {version},
            action = case when not ({seen}) or {elsewhere} then 'conflict'
                          when {changed} is null then 'skip' else {changes} end,
            field = case when not ({seen}) then 'id' when {elsewhere} then 'donor'
                         else {changed} end,
            reason = case when not ({seen}) then {NOT_YOURS}
                          when {elsewhere} then {problem_sql("record_of_other_donor")}
                          when {changed} is not null then {unlike} end
        from {spec.table} k where k.id = s.target_id and s.action is null
    """


# rows of an optional module that is switched off would be kept where nobody sees them
_SWITCHED_OFF = f"""
    update import_requests set action = 'error', reason = {problem_sql("requests_switched_off")}
    where 'requests' <> all (coalesce((select modules from organisation), '{{}}'))
"""
# a stored task stays with the user who has it
_ASSIGN = f"""
    update import_tasks s set action = 'error', field = 'assignee_email',
        reason = case when exists (select from app_user u where lower(u.email) = s.person_email)
                      then {problem_sql("assignee_is_other")}
                      else {problem_sql("assignee_unknown", email="s.person_email")} end
    where s.action is null and s.person_email is not null and s.person_id is null
"""
_MINE = f"""
    update import_tasks s set person_id = :me,
        action = case when cast(:me as bigint) is null then 'error' end,
        field = case when cast(:me as bigint) is null then 'assignee_email' end,
        reason = case when cast(:me as bigint) is null
                      then {problem_sql("assignee_unknown", email="'?'")} end
    where s.action is null and s.person_id is null
"""
# a day of the file with a day that is stored
_TOO_EARLY = f"""
    update import_requests s set action = 'error', field = 'answered',
        reason = {problem_sql("answered_too_early")}
    from care_request k where k.id = s.target_id and s.action = 'update'
        and coalesce(s.answered_on, k.answered_on) < s.asked_on
"""
_OF_KIND = {"tasks": (_ASSIGN, _MINE), "requests": (_TOO_EARLY,)}
