"""Queries of saved layouts, which all users share; each version is one row."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, select, update

from app.accounts import Actor
from app.db import Session
from app.db.models import ImportLayout, User
from app.imports.mapping.saved_layouts import KnownLayout

# the newest layouts; older ones are not searched
MAX_LAYOUTS = 500


def layouts(db: Session, *, kind: str | None = None) -> list[KnownLayout]:
    """Return the newest saved layouts."""
    statement = (
        select(
            ImportLayout.id,
            func.coalesce(ImportLayout.origin, ImportLayout.id).label("origin"),
            ImportLayout.version,
            ImportLayout.name,
            ImportLayout.kind,
            ImportLayout.headers,
            ImportLayout.mapping,
            ImportLayout.words,
            User.name.label("person"),
            ImportLayout.created_at,
        )
        .outerjoin(User, User.id == ImportLayout.made_by)
        .order_by(ImportLayout.id.desc())
        .limit(MAX_LAYOUTS)
    )
    if kind is not None:
        statement = statement.where(ImportLayout.kind == kind)
    return [
        KnownLayout(
            layout_id=row.id,
            origin=row.origin,
            version=row.version,
            name=row.name,
            kind=row.kind,
            headers=tuple(row.headers),
            mapping=row.mapping,
            words=row.words,
            person=row.person,
            made_at=row.created_at,
        )
        for row in db.execute(statement)
    ]


def add(
    db: Session,
    actor: Actor,
    *,
    after: KnownLayout | None,
    name: str,
    key: str,
    headers: Sequence[str],
    kind: str,
    mapping: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> None:
    """Save a layout: the next version of `after`, or the first version of a new one."""
    values = {
        "name": name,
        "header_key": key,
        "headers": list(headers),
        "kind": kind,
        "mapping": dict(mapping),
        "words": words,
        "made_by": actor.user_id or None,
    }
    number = after.version + 1 if after else 1
    layout_id = db.execute(
        insert(ImportLayout)
        .values(**values, version=number, origin=after.origin if after else None)
        .returning(ImportLayout.id)
    ).scalar_one()
    if after is None:
        db.execute(
            update(ImportLayout).where(ImportLayout.id == layout_id).values(origin=layout_id)
        )
