"""Export queries: every column that a re-import needs, with ids prefixed by the instance."""

from collections.abc import Mapping, Sequence
from typing import IO

from sqlalchemy import ARRAY, BigInteger, ClauseElement, func, literal, select, text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, Role, visible_amounts, visible_donors
from app.db import Session
from app.db.instance_id import current_instance_id
from app.db.models import DonorAccess, MonthlyGoal
from app.db.statements import timeouts
from app.db.statements.bulk_copy import copy_out
from app.donors.anonymity import hidden
from app.donors.queries.units import giving_units
from app.exports.columns import Column
from app.exports.queries.dataset_kind import Counting, Kind


def write(
    db: Session,
    actor: Actor,
    kind: Kind,
    out: IO[bytes],
    *,
    form: str,
    columns: Mapping[str, Column],
    ids: Sequence[int] | None,
    counting: Counting,
) -> int:
    """Stream the rows in the actor's scope as CSV with cells for `form`; return how many.

    `ids` limits the export to these rows; None means all. `counting` is for a file of donors.
    """
    selected = ", ".join(f'{column.cell(form)} as "{name}"' for name, column in columns.items())
    query = f"select {selected} from {kind.source}"
    if ids is not None:
        row_ids = ",".join(str(int(row_id)) for row_id in ids)
        query += f" and {kind.key} = any ('{{{row_ids}}}'::bigint[])"
    query += f" order by {kind.key}"
    timeouts.allow(db, timeouts.EXPORT)
    query = _fill_placeholders(
        query.replace("{key}", current_instance_id(db)).replace(
            "{giving}", _giving(actor, counting)
        ),
        actor,
    )
    return copy_out(db, query, out)


def count_rows(db: Session, actor: Actor, kind: Kind) -> int:
    """Return the number of rows in the actor's scope."""
    # the giving adds no row
    source = kind.source.replace("{giving}", "donor_summary")
    source = _fill_placeholders(source, actor)
    return int(db.execute(text(f"select count(*) from {source}")).scalar_one())


def count_named_lately(db: Session, actor: Actor, donor_ids: Sequence[int]) -> tuple[int, int]:
    """Count the donors that the actor's files of the last 24 hours named, and how many of these.

    "These" are `donor_ids`.
    """
    lately = (
        select(DonorAccess.donor_id)
        .where(
            DonorAccess.user_id == actor.user_id,
            DonorAccess.how == "export",
            DonorAccess.at > func.now() - text("interval '24 hours'"),
        )
        .distinct()
        .subquery()
    )
    among = lately.c.donor_id == func.any(literal(list(donor_ids), ARRAY(BigInteger)))
    named, again = db.execute(
        select(func.count(), func.count().filter(among)).select_from(lately)
    ).one()
    return named, again


def _giving(actor: Actor, counting: Counting) -> str:
    giving = giving_units.giving(
        actor, counting.unit, counting.credit, fiscal_year=counting.fiscal_year
    )
    return f"({_as_sql(giving.element)})"


def _fill_placeholders(query: str, actor: Actor) -> str:
    assigned = "true" if actor.role == Role.SYSTEM else f"t.assignee_id = {int(actor.user_id)}"
    query = query.replace("{mine}", assigned).replace("{scope}", _as_sql(visible_donors(actor)))
    query = query.replace("{goals}", _as_sql(visible_amounts(actor, MonthlyGoal.user_id)))
    name_hidden = f"({_as_sql(hidden(actor))})"
    for place, alias in (("{hidden_household}", "h."), ("{hidden_other}", "o.")):
        query = query.replace(place, name_hidden.replace("donor.", alias))
    return query.replace("{hidden}", name_hidden)


def _as_sql(condition: ClauseElement) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(condition.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
