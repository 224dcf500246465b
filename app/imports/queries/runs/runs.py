"""Queries of import runs: one row per file, with its plan, progress and result."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import and_, func, insert, or_, select, true, update
from sqlalchemy.orm import aliased

from app.accounts import Actor, Role, visible_imports
from app.db import Session
from app.db.models import Gift, ImportChange, ImportRun, Pledge, StoredFile, User
from app.db.stored_files import UPLOAD

OWNER_ROLES = (Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH, Role.ADMIN)
_canceller = aliased(User)
_file = (
    select(StoredFile.part)
    .where(
        StoredFile.user_id == ImportRun.user_id,
        StoredFile.kind == UPLOAD,
        StoredFile.name == ImportRun.file_sha256,
        StoredFile.part == 0,
    )
    .exists()
)
_SHOWN = (
    User.name.label("person"),
    _canceller.name.label("canceller"),
    _file.label("has_file"),
)


class QueuedRun(Protocol):
    """A run that the worker begins."""

    id: int
    batch_id: int | None
    user_id: int
    plan_hash: str
    file_name: str


class ListedRun(Protocol):
    """A run in the history, with the names of its user and of whoever cancelled it."""

    id: int
    batch_id: int | None
    file_name: str
    file_sha256: str
    preset: str
    kind: str
    state: str
    counts: Mapping[str, Any]
    error: str | None
    doing: str | None
    progress: int
    progress_of: int
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    cancelled_at: datetime | None
    kept: Mapping[str, Any]
    user_id: int
    person: str
    canceller: str | None
    has_file: bool


class StoredRun(ListedRun, Protocol):
    """A run with everything stored of it."""

    options: Mapping[str, Any]
    problems: Sequence[dict[str, Any]]
    plan_hash: str


def add_run(db: Session, **values: object) -> int:
    """Insert a run and return its id."""
    return db.execute(insert(ImportRun).values(**values).returning(ImportRun.id)).scalar_one()


def change_run(db: Session, run_id: int, **values: object) -> None:
    """Set columns of a run."""
    db.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def begin(db: Session, run_id: int) -> QueuedRun | None:
    """Mark a queued run as running; return it, else None.

    The worker acts for that user. A run already marked as running is returned, too, so that a
    retry can start it again.
    """
    return db.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state.in_(("queued", "running")))
        .values(state="running", doing="Starting", progress=1)
        .returning(
            ImportRun.id,
            ImportRun.batch_id,
            ImportRun.user_id,
            ImportRun.plan_hash,
            ImportRun.file_name,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()


def end(db: Session, run_id: int, **values: object) -> bool:
    """Set columns of a run that has not ended yet; return whether it was updated."""
    return change_run_in(db, run_id, "preview", "queued", "running", **values)


def change_run_in(db: Session, run_id: int, *states: str, **values: object) -> bool:
    """Set columns of a run if it is in one of these states; return whether it was."""
    return bool(
        db.execute(
            update(ImportRun)
            .where(ImportRun.id == run_id, ImportRun.state.in_(states))
            .values(**values)
            .returning(ImportRun.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    )


def undoing(db: Session, run_id: int) -> int | None:
    """Return the user who undoes a run, while its undo is queued or running."""
    return db.scalar(
        select(ImportRun.undone_by).where(ImportRun.id == run_id, ImportRun.state == "undoing")
    )


def state(db: Session, run_id: int) -> str | None:
    """Return a run's state, for the worker."""
    return db.scalar(select(ImportRun.state).where(ImportRun.id == run_id))


def run(db: Session, actor: Actor, run_id: int, *, lock: bool = False) -> StoredRun | None:
    """Return a run with its user's name, among those the actor may see."""
    statement = (
        select(*ImportRun.__table__.columns, *_SHOWN)
        .join(User, User.id == ImportRun.user_id)
        .outerjoin(_canceller, _canceller.id == ImportRun.cancelled_by)
        .where(ImportRun.id == run_id, visible_imports(actor))
    )
    # key_share: the import inserts rows with foreign keys to the run, which this lock permits
    locked = statement.with_for_update(of=ImportRun, key_share=True)
    return db.execute(locked if lock else statement).one_or_none()


def runs(db: Session, actor: Actor, *, limit: int, before: int | None = None) -> list[ListedRun]:
    """Return the newest runs that are no longer previews."""
    statement = (
        select(
            ImportRun.id,
            ImportRun.batch_id,
            ImportRun.file_name,
            ImportRun.file_sha256,
            ImportRun.preset,
            ImportRun.kind,
            ImportRun.state,
            ImportRun.counts,
            ImportRun.error,
            ImportRun.doing,
            ImportRun.progress,
            ImportRun.progress_of,
            ImportRun.created_at,
            ImportRun.committed_at,
            ImportRun.undone_at,
            ImportRun.cancelled_at,
            ImportRun.kept,
            ImportRun.user_id,
            *_SHOWN,
        )
        .join(User, User.id == ImportRun.user_id)
        .outerjoin(_canceller, _canceller.id == ImportRun.cancelled_by)
        .where(
            ImportRun.state != "preview",
            visible_imports(actor),
            or_(ImportRun.state != "cancelled", ImportRun.cancelled_at.is_not(None)),
            true() if before is None else ImportRun.id < before,
        )
        .order_by(ImportRun.id.desc())
        .limit(limit)
    )
    return list(db.execute(statement))


def donors_to_review(db: Session, run_id: int) -> list[int]:
    """Return the donors whose gifts a run reversed or changed, and those of the gifts' pledges."""
    changed = select(ImportChange.row_id).where(
        ImportChange.run_id == run_id, ImportChange.table_name == "gift"
    )
    reversed_ = and_(Gift.import_run_id == run_id, Gift.kind == "reversal")
    rows = db.execute(
        select(Gift.donor_id, Pledge.donor_id)
        .distinct()
        .outerjoin(Pledge, Pledge.id == Gift.pledge_id)
        .where(or_(reversed_, Gift.id.in_(changed)))
    )
    return sorted({donor_id for row in rows for donor_id in row if donor_id is not None})


def donors_of_gifts(db: Session, run_id: int) -> set[int]:
    """Return the donors of the gifts a run added or changed, and those of the gifts' pledges."""
    changed = select(ImportChange.row_id).where(
        ImportChange.run_id == run_id, ImportChange.table_name == "gift"
    )
    rows = db.execute(
        select(Gift.donor_id, Pledge.donor_id)
        .distinct()
        .outerjoin(Pledge, Pledge.id == Gift.pledge_id)
        .where(or_(Gift.import_run_id == run_id, Gift.id.in_(changed)))
    )
    return {donor_id for row in rows for donor_id in row if donor_id is not None}


def donors_of_changed_rows(db: Session, run_id: int) -> set[int]:
    """Return the donors a run changed, and those of the pledges it changed."""
    changed = select(ImportChange.row_id).where(ImportChange.run_id == run_id)
    donors_changed = changed.where(ImportChange.table_name == "donor")
    pledges_changed = changed.where(ImportChange.table_name.in_(("pledge", "pledge_amount")))
    of_pledges = select(Pledge.donor_id).where(Pledge.id.in_(pledges_changed))
    return {*db.scalars(donors_changed), *db.scalars(of_pledges)}


def owner_named(db: Session, email: str) -> int | None:
    """Return the id of the active user with this e-mail."""
    return db.scalar(
        select(User.id).where(func.lower(User.email) == email.strip().lower(), User.active)
    )


def owner_email(db: Session, user_id: int) -> str | None:
    """Return the e-mail of an active user."""
    return db.scalar(select(User.email).where(User.id == user_id, User.active))


def owners(db: Session) -> list[tuple[str, str]]:
    """Return the active users who can own donors, ordered by name."""
    rows = db.execute(
        select(User.email, User.name)
        .where(
            User.active, User.role.in_((Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH, Role.ADMIN))
        )
        .order_by(User.name, User.id)
    )
    return [(row.email, row.name) for row in rows]
