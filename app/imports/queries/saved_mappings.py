"""Queries of saved mappings and their versions, and of drafts."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from app.accounts import Actor, Role
from app.db import Session
from app.db.models import MappingDraft, User
from app.db.models import SavedMapping as Saved
from app.db.models import SavedMappingVersion as Version
from app.imports.mapping.saved_mappings import MappingVersion, SavedMapping

# the mappings used last; others are neither listed nor suggested
MAX_MAPPINGS = 500
Words = Mapping[str, Mapping[str, str]]
_author = aliased(User)


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the mappings that the actor may use."""
    return or_(Saved.shared, _changeable(actor))


def _changeable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the mappings that the actor may change."""
    if actor.role == Role.ADMIN:
        return true()
    return Saved.user_id == actor.user_id


def saved_mappings(
    db: Session, actor: Actor, *, kind: str | None = None, mapping_id: int | None = None
) -> list[SavedMapping]:
    """Return the mappings that the actor may use with their versions, those used last first."""
    wanted = select(Saved.id).where(_visible(actor))
    if kind is not None:
        wanted = wanted.where(Saved.kind == kind)
    if mapping_id is not None:
        wanted = wanted.where(Saved.id == mapping_id)
    wanted = wanted.order_by(Saved.used_at.desc(), Saved.id.desc()).limit(MAX_MAPPINGS)
    statement = (
        select(
            Saved,
            Version,
            User.name.label("owner"),
            _author.name.label("author"),
            _changeable(actor).label("changeable"),
        )
        .join(Version, Version.mapping_id == Saved.id)
        .outerjoin(User, User.id == Saved.user_id)
        .outerjoin(_author, _author.id == Version.made_by)
        .where(Saved.id.in_(wanted))
        .order_by(Saved.used_at.desc(), Saved.id.desc(), Version.version.desc())
        .execution_options(populate_existing=True)
    )
    rows = db.execute(statement).all()
    return [
        _mapping(list(versions), actor) for _, versions in groupby(rows, lambda row: row[0].id)
    ]


def _mapping(rows: Sequence[Any], actor: Actor) -> SavedMapping:
    saved = rows[0][0]
    return SavedMapping(
        mapping_id=saved.id,
        name=saved.name,
        kind=saved.kind,
        person=rows[0].owner,
        own=saved.user_id == actor.user_id,
        changeable=rows[0].changeable,
        shared=saved.shared,
        used_at=saved.used_at,
        versions=tuple(
            MappingVersion(
                version_id=version.id,
                version=version.version,
                headers=tuple(version.headers),
                mapping=version.mapping,
                words=version.words,
                person=author,
                made_at=version.created_at,
            )
            for _, version, _, author, _ in rows
        ),
    )


def lock(db: Session, actor: Actor, mapping_id: int) -> bool:
    """Keep a mapping from being changed or deleted meanwhile; return whether it is there.

    Only mappings that the actor may change are.
    """
    statement = select(Saved.id).where(Saved.id == mapping_id, _changeable(actor))
    return db.scalar(statement.with_for_update()) is not None


def add(db: Session, actor: Actor, *, name: str, kind: str) -> int:
    """Save a mapping without a version, private to the actor, and return its id."""
    return db.execute(
        insert(Saved).values(name=name, kind=kind, user_id=actor.user_id).returning(Saved.id)
    ).scalar_one()


def add_version(
    db: Session,
    actor: Actor,
    mapping_id: int,
    *,
    key: str,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    words: Words,
) -> None:
    """Save the next version of a mapping."""
    newest = select(func.coalesce(func.max(Version.version), 0)).where(
        Version.mapping_id == mapping_id
    )
    db.execute(
        insert(Version).values(
            mapping_id=mapping_id,
            version=newest.scalar_subquery() + 1,
            header_key=key,
            headers=list(headers),
            mapping=dict(mapping),
            words=words,
            made_by=actor.user_id,
        )
    )


def change(db: Session, mapping_id: int, **values: object) -> None:
    """Set columns of a mapping."""
    db.execute(
        update(Saved)
        .where(Saved.id == mapping_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def mark_used(db: Session, mapping_id: int) -> None:
    """Set when a mapping was used last to this transaction's time."""
    change(db, mapping_id, used_at=func.now())


def remove(db: Session, mapping_id: int) -> None:
    """Delete a mapping with its versions."""
    db.execute(
        delete(Saved).where(Saved.id == mapping_id).execution_options(synchronize_session=False)
    )


def draft(
    db: Session, actor: Actor, key: str
) -> tuple[str, dict[str, str], dict[str, dict[str, str]]] | None:
    """Return (kind, header → field, field → value → meaning) last chosen for these headers."""
    row = db.execute(
        select(MappingDraft.kind, MappingDraft.mapping, MappingDraft.words)
        .where(MappingDraft.user_id == actor.user_id, MappingDraft.header_key == key)
        .order_by(MappingDraft.used_at.desc())
        .limit(1)
    ).one_or_none()
    return (row.kind, dict(row.mapping), dict(row.words)) if row else None


def save_draft(
    db: Session,
    actor: Actor,
    *,
    key: str,
    kind: str,
    mapping: Mapping[str, str],
    words: Words,
) -> None:
    """Save the user's choices for files with these headers."""
    choices = {"mapping": dict(mapping), "words": words, "used_at": func.now()}
    row = upsert(MappingDraft).values(user_id=actor.user_id, header_key=key, kind=kind, **choices)
    db.execute(
        row.on_conflict_do_update(index_elements=["user_id", "header_key", "kind"], set_=choices)
    )


def remove_draft(db: Session, actor: Actor, *, key: str, kind: str) -> None:
    """Delete the user's choices for files with these headers."""
    db.execute(
        delete(MappingDraft).where(
            MappingDraft.user_id == actor.user_id,
            MappingDraft.header_key == key,
            MappingDraft.kind == kind,
        )
    )
