"""Import runs, the previous version of every row they changed, and saved mappings."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Dated, one_of

RUN_STATES = (
    "preview",
    "queued",
    "running",
    "done",
    "failed",
    "cancelled",
    "undoing",
    "undone",
)


class ImportRun(Dated, Base):
    """One import of a file by a user: its plan, result and undo."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(one_of("state", *RUN_STATES), name="state"),
        Index("ix_import_run_user_id", "user_id", text("id desc")),
        Index("ix_import_run_batch_id", "batch_id", postgresql_where=text("batch_id is not null")),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    # the first of the runs that were planned and are imported together
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(server_default="preview", default="preview")
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    # below DATA_DIR/uploads
    file_path: Mapped[str | None]
    preset: Mapped[str]
    kind: Mapped[str]
    # mapping, date order, policies, the owner for new donors
    options: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    plan_hash: Mapped[str | None]
    # the result of the preview: rows, create, update, skip, conflict, error, sums, dates
    counts: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    problems: Mapped[list[Any]] = mapped_column(
        JSONB, server_default=text("'[]'::jsonb"), default=list
    )
    progress: Mapped[int] = mapped_column(server_default="0", default=0)
    progress_of: Mapped[int] = mapped_column(server_default="0", default=0)
    doing: Mapped[str | None]
    error: Mapped[str | None]
    committed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    # rows that an undo did not revert: their number, and a sentence for each of the first
    kept: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    # both are null for a discarded preview
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL")
    )


class ImportChange(Base):
    """A row before a run changed it; rows created by a run have the run's id."""

    __tablename__ = "import_change"
    __table_args__ = (Index("ix_import_change_row", "table_name", "row_id"),)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True
    )
    table_name: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SavedMapping(Dated, Base):
    """A saved column mapping: private to the user who made it, until it is shared with everybody.

    Without a user it belongs to nobody; administrators change it.
    """

    __tablename__ = "saved_mapping"
    id: Mapped[BigKey]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    name: Mapped[str]
    kind: Mapped[str]
    shared: Mapped[bool] = mapped_column(server_default="false", default=False)
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SavedMappingVersion(Dated, Base):
    """One version of a saved mapping: headers, column mapping and value mapping.

    A version never changes: an edit, and a similar file that was mapped differently, add one.
    """

    __tablename__ = "saved_mapping_version"
    __table_args__ = (
        Index("uq_saved_mapping_version", "mapping_id", "version", unique=True),
        Index("ix_saved_mapping_version_header_key", "header_key"),
    )
    id: Mapped[BigKey]
    mapping_id: Mapped[int] = mapped_column(ForeignKey("saved_mapping.id", ondelete="CASCADE"))
    version: Mapped[int]
    header_key: Mapped[str]
    headers: Mapped[list[Any]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    words: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))


class MappingDraft(Dated, Base):
    """A user's last choices for a file that is not imported yet, found by its header names.

    Importing the file moves them to a saved mapping; of a known format, whose columns nobody maps,
    the meanings of its values stay here.
    """

    __tablename__ = "mapping_draft"
    __table_args__ = (Index("uq_mapping_draft", "user_id", "header_key", "kind", unique=True),)
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    header_key: Mapped[str]
    kind: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # value mapping: field → value in the file → our value
    words: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())
