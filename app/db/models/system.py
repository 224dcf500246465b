"""Audit log, outbox, jobs, heartbeats, idempotency keys and scheduled exports."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, one_of


class Activity(Base):
    """Audit log: who changed what, before and after; a trigger refuses changes except erasures.

    The ids of users and donors have no foreign keys, so that no later change alters a row.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_donor_id_at", "donor_id", text("at desc")),
        Index("ix_activity_at", text("at desc")),
        Index("ix_activity_actor_id", "actor_id", "id"),
        Index("ix_activity_entity", "entity", "entity_id"),
    )
    id: Mapped[BigKey]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None]
    # the user impersonated by an administrator
    viewed_as: Mapped[int | None]
    # "gift.recorded", "donor.changed", "import.committed", …
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    donor_id: Mapped[int | None]
    sentence: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    address: Mapped[str | None]


class ActivitySeal(Base):
    """One link of the hash chain: a row's salted hash, and the hash of it and the link before."""

    __tablename__ = "activity_seal"
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    activity_id: Mapped[int] = mapped_column(unique=True)
    salt: Mapped[UUID]
    content: Mapped[bytes]
    hash: Mapped[bytes]
    # the hash of the row after an erasure, and the row of the audit log that records the erasure
    erased_content: Mapped[bytes | None]
    erased_by: Mapped[int | None]


class ActivityHorizon(Base):
    """The moment up to which every row of the audit log is sealed."""

    __tablename__ = "activity_horizon"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class EmailAction(Base):
    """A used action link of an e-mail; each link works once."""

    __tablename__ = "email_action"
    token_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    used_at: Mapped[datetime]


class MailServer(Base):
    """The SMTP server for outgoing mail, set in the browser; a single row with id 1."""

    __tablename__ = "mail_server"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("port between 1 and 65535", name="port"),
    )
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    host: Mapped[str]
    port: Mapped[int]
    use_tls: Mapped[bool]
    username: Mapped[str] = mapped_column(server_default="")
    # encrypted with SECRET_KEY
    password: Mapped[bytes | None]
    # the From address, with a name or without
    sender: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboxMessage(Base):
    """One e-mail, queued in the transaction of its cause and sent once."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            one_of("state", "queued", "sending", "sent", "failed", "suppressed"), name="state"
        ),
        Index(
            "ix_outbox_waiting",
            "next_try_at",
            postgresql_where=text("state in ('queued', 'sending')"),
        ),
        Index("ix_outbox_created_at", text("created_at desc")),
        Index("ix_outbox_sent_at", "sent_at"),
        Index("ix_outbox_user_id", "user_id", text("id desc")),
    )
    id: Mapped[BigKey]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    to_email: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="queued", default="queued")
    tries: Mapped[int] = mapped_column(server_default="0", default=0)
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MailSuppression(Base):
    """A suppressed e-mail address in lower case, and the reason."""

    __tablename__ = "mail_suppression"
    __table_args__ = (CheckConstraint("email = lower(email)", name="lower"),)
    email: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class JobRun(Base):
    """One run of a job; the primary key allows one run per slot."""

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint(one_of("state", "queued", "running", "done", "failed"), name="state"),
        Index("ix_job_run_started_at", text("started_at desc")),
    )
    job: Mapped[str] = mapped_column(primary_key=True)
    # the slot in UTC, or the time of a manual run
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="queued", default="queued")
    queued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None]
    tries: Mapped[int] = mapped_column(server_default="0", default=0)
    result: Mapped[str | None]
    error: Mapped[str | None]


class Heartbeat(Base):
    """The last heartbeat of each scheduler or worker process."""

    __tablename__ = "heartbeat"
    process: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DataChange(Base):
    """A change of data behind figures, written by triggers: see `app.db.data_version`."""

    __tablename__ = "data_change"
    id: Mapped[BigKey]
    number: Mapped[int] = mapped_column(BigInteger, server_default="1")
    __table_args__ = (CheckConstraint("number > 0", name="number"),)


class TimetableLine(Base):
    """One line of the scheduler's timetable, as last stored by the scheduler."""

    __tablename__ = "timetable"
    job: Mapped[str] = mapped_column(primary_key=True)
    # its position in the list
    place: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str]
    rhythm: Mapped[str]
    # None for work that runs on demand
    next_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """A stored response by idempotency key: a repeated request gets the same response.

    Only hashes of the key and of the request are stored, and the row is valid for a day.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_created_at", "created_at"),)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    key_hash: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    # null only inside the transaction of the first request, so other transactions never see null
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime]


class StoredFile(Base):
    """A part of an encrypted file that all processes read: an upload or an archive."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint(one_of("kind", "upload", "archive"), name="kind"),)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    # an upload's is the SHA-256 of its content
    name: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ScheduledExport(Base):
    """A scheduled export: a file whose link is mailed every week or month, with the next day."""

    __tablename__ = "scheduled_export"
    __table_args__ = (
        CheckConstraint(one_of("form", "csv", "xlsx"), name="form"),
        CheckConstraint(one_of("rhythm", "weekly", "monthly"), name="rhythm"),
        Index("ix_scheduled_export_user_id", "user_id"),
        Index("ix_scheduled_export_next_on", "next_on"),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    kind: Mapped[str]
    form: Mapped[str]
    # the rows and columns, as query parameters of the file's URL
    parts: Mapped[list[Any]] = mapped_column(JSONB)
    rhythm: Mapped[str]
    # only gifts of the week or month that has just ended
    only_new: Mapped[bool]
    # a date in the user's time zone
    next_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
