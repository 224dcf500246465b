"""Plan related records of a file: find their donors and stored records, compare, check."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, Role, visible_donors
from app.db import Session
from app.imports.planning.update_policy import FILL, OVERWRITE
from app.imports.queries.donors.matching import NOT_YOURS
from app.imports.queries.lookups import joins
from app.imports.queries.problems import problem_sql
from app.imports.queries.related.kind import RelatedKind, refuse
from app.imports.queries.related.kinds import RELATED_KINDS
from app.imports.queries.staging import scope_sql, table


def plan(db: Session, actor: Actor, *, kind: str, source: str, policy: str) -> None:
    """Set the action of every staged row of a kind; `policy` is fill, overwrite or keep."""
    spec = RELATED_KINDS[kind]
    values = {
        "source": source,
        "policy": policy,
        "me": actor.user_id or None,
        "admin": actor.role in {Role.ADMIN, Role.SYSTEM},
    }
    places = {
        "{table}": table(kind),
        "{scope}": scope_sql(actor),
        "{gifts}": scope_sql(actor, gifts=True),
        "{visible}": _visible_sql(actor),
    }
    for statement in _statements(db, actor, kind, spec, policy):
        for place, sql in places.items():
            statement = statement.replace(place, sql)  # noqa: PLW2901 - filled step by step
        db.execute(text(statement), values)


def _statements(
    db: Session, actor: Actor, kind: str, spec: RelatedKind, policy: str
) -> Iterator[str]:
    if spec.donor != "none":
        yield _find_donors(db, actor, kind, spec)
    yield from spec.finds
    yield f"""
        update {{table}} s set target_id = k.id from {spec.stored} k
        where k.id = s.own_id and s.action is null
    """
    yield _REPEATED.format(table="{table}", key=spec.key, code=_REPEATED_CODE)
    yield f"""
        update {{table}} s set target_id = k.id from {spec.stored} k
        where s.target_id is null and s.action is null and {spec.same}
    """
    yield _compare(spec, policy)
    yield from spec.checks
    if spec.administrators:
        yield _ADMINISTRATORS
    yield "update {table} set action = 'create' where action is null"


def _find_donors(db: Session, actor: Actor, kind: str, spec: RelatedKind) -> str:
    lookups, no_donor, _, _ = joins(db, actor, kind, gifts=spec.giftable, mixed=False)
    named = "(s.donor_ext is not null or s.email is not null)"
    unknown = f"case when {named} then {no_donor} end" if spec.donor == "optional" else no_donor
    return f"""
        update {{table}} s set donor_id = k.donor_id,
            action = case when k.no_donor is not null then 'error' end,
            field = case when k.no_donor is not null then 'donor' end, reason = k.no_donor
        from (select s.row, donor.id as donor_id, {unknown} as no_donor
              from {{table}} s {lookups}) k
        where k.row = s.row
    """


def _compare(spec: RelatedKind, policy: str) -> str:
    """Return SQL that decides about the rows of stored records."""
    differs = [
        (
            name,
            f"({change.new}) is not null and ({change.new}) is distinct from ({change.stored})",
            {OVERWRITE: "true", FILL: f"({change.empty})"}.get(policy, "false"),
        )
        for name, change in spec.changes.items()
    ]
    changed = _names([(name, f"{differ} and {may}") for name, differ, may in differs])
    kept = _names([(name, f"{differ} and not {may}") for name, differ, may in differs])
    version = "k.version" if spec.versioned else "null::bigint"
    return f"""
        update {{table}} s set target_version = {version},
            action = case when {spec.elsewhere} then 'conflict'
                          when {changed} is null then 'skip' else 'update' end,
            field = case when {spec.elsewhere} then 'id' else {changed} end,
            reason = case when {spec.elsewhere} then {NOT_YOURS} end,
            kept = case when not ({spec.elsewhere}) then {kept} end
        from {spec.stored} k where k.id = s.target_id and s.action is null
            and ({_of_donor(spec)})
    """


def _of_donor(spec: RelatedKind) -> str:
    # tags of several donors have the same id
    return "k.donor_id = s.donor_id" if spec.table == "tag" else "true"


def _names(conditions: list[tuple[str, str]]) -> str:
    """Return SQL for the names whose condition holds, null if there is none."""
    listed = ", ".join(
        f"case when {condition} then '{name}' end" for name, condition in conditions
    )
    return f"nullif(concat_ws(', ', {listed or 'null'}), '')"


def _visible_sql(actor: Actor) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    compiled = visible_donors(actor).compile(
        dialect=dialect, compile_kwargs={"literal_binds": True}
    )
    return str(compiled)


_REPEATED_CODE = problem_sql("record_repeated", row="d.first")
_REPEATED = """
    update {table} s set action = 'conflict', field = 'id', reason = {code}
    from (select s.row, min(s.row) over (
              partition by case when s.target_id is not null then 'id ' || s.target_id end,
                           case when s.target_id is null then row({key})::text end) as first
          from {table} s where s.action is null) d
    where d.row = s.row and d.first <> s.row
"""
_ADMINISTRATORS = refuse("not :admin", "name", problem_sql("only_administrators")).replace(
    "s.action is null and", "(s.action is null or s.action = 'update') and"
)
