"""Queries of the ids in a file that are known, and of the systems that ids come from."""

from collections.abc import Sequence

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.imports.queries.staging import scope_sql

# noun → query of (ids of the file, those known); the first with an id in the file counts
_DONORS = """
    select count(distinct s.{column}), count(distinct donor.id)
    from import_{kind} s
    left join donor_external_id x on x.source = :source and x.external_id = s.{column}
    left join donor on donor.id = x.donor_id and {scope}
    where s.{column} not like 'row:%'
"""
_RECORDS = """
    select count(distinct s.ext_id), count(distinct k.id) from import_{kind} s
    left join ({records}) k on k.external_id = s.ext_id
    where s.ext_id not like 'row:%'
"""
_OF_DONORS = """
    select k.id, k.external_id from {table} k join donor on donor.id = k.donor_id and {scope}
    where k.source = :source
"""
_FUNDS = "select id, external_id from fund where source = :source"


def count_known(
    db: Session, actor: Actor, kinds: Sequence[str], *, source: str
) -> tuple[str, int, int] | None:
    """Return (noun, ids in the staged file, those known among the actor's) of a source's ids.

    The ids are those of the donors, where the file has any, else those of its records; None
    without any id. `kinds` are the staged kinds of the file.
    """
    for noun, statement in _statements(actor, kinds):
        ids, known = db.execute(text(statement), {"source": source}).one()
        if ids:
            return noun, ids, known
    return None


def _statements(actor: Actor, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Return the queries to try, in this order, each with its noun."""
    main = kinds[-1]
    scope = scope_sql(actor, gifts=main == "gifts")
    statements = []
    if "donors" in kinds:
        statements.append(
            ("donor", _DONORS.format(kind="donors", column="ext_id", scope=scope_sql(actor)))
        )
    if main in {"gifts", "pledges"}:
        statements.append(("donor", _DONORS.format(kind=main, column="donor_ext", scope=scope)))
        records = _OF_DONORS.format(table=main.removesuffix("s"), scope=scope)
        statements.append((main.removesuffix("s"), _RECORDS.format(kind=main, records=records)))
    if main == "funds":
        statements.append(("fund", _RECORDS.format(kind=main, records=_FUNDS)))
    return statements


def sources(db: Session, actor: Actor) -> list[str]:
    """Return the systems whose ids the donors of the actor have, in alphabetical order."""
    statement = f"""
        select distinct x.source from donor_external_id x
        join donor on donor.id = x.donor_id and {scope_sql(actor, gifts=True)} order by 1
    """
    return list(db.scalars(text(statement)))
