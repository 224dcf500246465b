"""Write the planned related records of a file, storing before-images first."""

from sqlalchemy import text

from app.db import Session
from app.imports.queries.related.kind import RelatedKind
from app.imports.queries.related.kinds import RELATED_KINDS
from app.imports.queries.staging import table


def write(db: Session, *, kind: str, run_id: int, source: str) -> None:
    """Create and update the planned records of a kind."""
    spec = RELATED_KINDS[kind]
    statements = [
        *_remember(spec),
        *spec.before,
        *(spec.adds or _add(spec)),
        *_update(spec),
        *spec.follows,
    ]
    for statement in statements:
        db.execute(
            text(statement.replace("{table}", table(kind))), {"run": run_id, "source": source}
        )


def _add(spec: RelatedKind) -> tuple[str, ...]:
    of_donor = {} if spec.donor == "none" else {"donor_id": "s.donor_id"}
    values = {**of_donor, **spec.values, "import_run_id": ":run"}
    return (
        f"""
        insert into {spec.table} ({", ".join(values)})
        select {", ".join(values.values())} from {{table}} s
        where s.action = 'create' order by s.row
        """,
    )


def _changed(names: list[str]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"s.action = 'update' and string_to_array(s.field, ', ') && array[{listed}]"


def _remember(spec: RelatedKind) -> tuple[str, ...]:
    names = [name for name, change in spec.changes.items() if change.sets]
    if not names:
        return ()
    return (
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, '{spec.table}', k.id, to_jsonb(k), '{{}}' from {{table}} s
        join {spec.table} k on k.id = s.target_id where {_changed(names)}
        on conflict do nothing
        """,
    )


def _update(spec: RelatedKind) -> tuple[str, ...]:
    names = [name for name, change in spec.changes.items() if change.sets]
    if not names:
        return ()
    sets = [
        f"{column} = case when '{name}' = any(string_to_array(s.field, ', '))"
        f" then {value} else k.{column} end"
        for name, change in spec.changes.items()
        for column, value in change.sets.items()
    ]
    if spec.versioned:
        sets += ["version = k.version + 1"]
    if spec.versioned or spec.dated:
        sets += ["updated_at = now()"]
    return (
        f"""
        update {spec.table} k set {", ".join(sets)} from {{table}} s
        where k.id = s.target_id and {_changed(names)}
        """,
    )
