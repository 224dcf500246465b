"""Alerts, tasks and the contact log."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Dated, Versioned, one_of

TASK_TYPES = ("call", "thank", "write", "meet", "e-mail", "other")
CONTACT_KINDS = ("call", "meeting", "letter", "text", "e-mail", "note")
REPEATS = (
    "weekly",
    "biweekly",
    "semimonthly",
    "monthly",
    "bimonthly",
    "quarterly",
    "semiannual",
    "annual",
)
ALERT_STATES = ("open", "snoozed", "dismissed", "resolved")


class Alert(Dated, Base):
    """An alert, unique per cause: `key` identifies the cause."""

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint(one_of("kind", "late_pledge", "at_risk"), name="kind"),
        CheckConstraint(one_of("state", *ALERT_STATES), name="state"),
        Index("ix_alert_donor_id", "donor_id"),
        Index(
            "ix_alert_active",
            "kind",
            "donor_id",
            postgresql_where=text("state in ('open', 'snoozed')"),
        ),
        Index("ix_alert_pledge_id", "pledge_id", postgresql_where="pledge_id is not null"),
    )
    id: Mapped[BigKey]
    # late_pledge:<pledge>:<oldest due> or at_risk:<donor>:<last gift date>
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(server_default="open", default="open")
    severity: Mapped[int] = mapped_column(SmallInteger, server_default="1", default=1)
    reason: Mapped[str]
    # the day from which lateness is counted (late pledge) or the day of the last gift (at risk)
    since: Mapped[date]
    raised_on: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    snoozed_until: Mapped[date | None]
    dismissed_why: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    resolved_gift_id: Mapped[int | None] = mapped_column(
        ForeignKey("gift.id", ondelete="SET NULL")
    )
    mailed_at: Mapped[datetime | None]


class Task(Versioned, Base):
    """A task, usually about one donor."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(one_of("type", *TASK_TYPES), name="type"),
        CheckConstraint("priority between 1 and 3", name="priority"),
        Index("ix_task_donor_id", "donor_id"),
        Index("ix_task_open", "assignee_id", "due_on", postgresql_where=text("done_at is null")),
        Index("ix_task_alert_id", "alert_id", postgresql_where="alert_id is not null"),
        CheckConstraint(one_of("repeats", *REPEATS), name="repeats"),
        CheckConstraint(
            "(repeats is null) = (repeats_from is null)"
            " and (repeats is null or due_on is not null)",
            name="repeats_from",
        ),
        Index("ix_task_follows_id", "follows_id", postgresql_where="follows_id is not null"),
        Index("uq_task_external_id", "import_source", "external_id", unique=True),
    )
    id: Mapped[BigKey]
    type: Mapped[str] = mapped_column(server_default="call", default="call")
    title: Mapped[str]
    note: Mapped[str | None]
    # 1 high, 2 normal, 3 low
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="2", default=2)
    due_on: Mapped[date | None]
    due_at: Mapped[time | None]
    # how often, and the day from which the steps are counted
    repeats: Mapped[str | None]
    repeats_from: Mapped[date | None]
    # the task after which this one was opened
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"))
    donor_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    assignee_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id", ondelete="SET NULL"))
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    # the system and its id of an imported task
    import_source: Mapped[str | None]
    external_id: Mapped[str | None]
    import_run_id: Mapped[int | None]


class ContactLog(Base):
    """A call, meeting, letter, text, e-mail or note. Gifts are not contacts."""

    __tablename__ = "contact_log"
    __table_args__ = (
        CheckConstraint(one_of("kind", *CONTACT_KINDS), name="kind"),
        Index("ix_contact_log_donor_id_at", "donor_id", text("at desc")),
        Index("uq_contact_log_external_id", "import_source", "external_id", unique=True),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    text: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # the system and its id of an imported contact
    import_source: Mapped[str | None]
    external_id: Mapped[str | None]
    import_run_id: Mapped[int | None]


class CareRequest(Versioned, Base):
    """What a donor asks to be remembered for, in prayer or care, and how it was answered."""

    __tablename__ = "care_request"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="text"),
        CheckConstraint("answered_on >= asked_on", name="answered_on"),
        CheckConstraint("answer is null or answered_on is not null", name="answer"),
        Index("ix_care_request_donor_id", "donor_id"),
        Index(
            "ix_care_request_open", "asked_on", "id", postgresql_where=text("answered_on is null")
        ),
        Index("uq_care_request_external_id", "import_source", "external_id", unique=True),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    text: Mapped[str]
    asked_on: Mapped[date]
    answered_on: Mapped[date | None]
    answer: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    # the system and its id of an imported request
    import_source: Mapped[str | None]
    external_id: Mapped[str | None]
    import_run_id: Mapped[int | None]
