"""Export queries: every column that a re-import needs, with ids prefixed by the instance."""

from collections.abc import Mapping, Sequence
from typing import IO

from sqlalchemy import ColumnElement, text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, Role, visible_donors
from app.db import Session, timeouts
from app.db.bulk_copy import copy_out
from app.db.instance_id import current_instance_id
from app.donors.anonymity import hidden
from app.exports.columns import Column
from app.exports.queries.datasets import Kind


def write(
    db: Session,
    actor: Actor,
    kind: Kind,
    out: IO[bytes],
    *,
    form: str,
    columns: Mapping[str, Column],
    ids: Sequence[int] | None,
) -> int:
    """Stream the rows in the actor's scope as CSV with cells for `form`; return how many.

    `ids` limits the export to these rows; None means all.
    """
    wanted = ", ".join(f'{one.cell(form)} as "{name}"' for name, one in columns.items())
    query = f"select {wanted} from {kind.source}"
    if ids is not None:
        query += (
            f" and {kind.key} = any ('{{{','.join(str(int(one)) for one in ids)}}}'::bigint[])"
        )
    query += f" order by {kind.key}"
    timeouts.allow(db, timeouts.EXPORT)
    query = _seen(query.replace("{key}", current_instance_id(db)), actor)
    return copy_out(db, query, out)


def count_rows(db: Session, actor: Actor, kind: Kind) -> int:
    """Return the number of rows in the actor's scope."""
    source = _seen(kind.source, actor)
    return int(db.execute(text(f"select count(*) from {source}")).scalar_one())


def _seen(query: str, actor: Actor) -> str:
    mine = "true" if actor.role == Role.SYSTEM else f"t.assignee_id = {int(actor.user_id)}"
    query = query.replace("{mine}", mine).replace("{scope}", _spelled(visible_donors(actor)))
    covered = f"({_spelled(hidden(actor))})"
    household = covered.replace("donor.", "h.")
    return query.replace("{hidden}", covered).replace("{hidden_household}", household)


def _spelled(condition: ColumnElement[bool]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(condition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
