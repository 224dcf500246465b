"""Pledges with their amounts, earlier terms, pauses, refused links and excused instalments."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Currency, Dated, Minor, Versioned, one_of
from app.kit.dates.cadence import Frequency
from app.kit.payment_methods import METHODS

FREQUENCIES = tuple(frequency.value for frequency in Frequency)
PLEDGE_STATUSES = ("active", "paused", "completed", "cancelled")


class Pledge(Versioned, Base):
    """A promise to give an amount at a frequency. Its status today is computed, never stored."""

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint(one_of("frequency", *FREQUENCIES), name="frequency"),
        CheckConstraint(one_of("status", *PLEDGE_STATUSES), name="status"),
        CheckConstraint(one_of("method", *METHODS), name="method"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("anchor_day between 1 and 31", name="anchor_day"),
        CheckConstraint("end_date >= start_date", name="dates"),
        CheckConstraint("instalments > 0", name="instalments"),
        CheckConstraint("total_minor > 0", name="total"),
        CheckConstraint("grace_days between 0 and 366", name="grace_days"),
        CheckConstraint("currency = upper(currency) and length(currency) = 3", name="currency"),
        Index("ix_pledge_donor_id", "donor_id"),
        Index(
            "ix_pledge_import_run_id",
            "import_run_id",
            postgresql_where="import_run_id is not null",
        ),
        Index("ix_pledge_status", "status", postgresql_where=text("status = 'active'")),
        Index(
            "uq_pledge_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where="external_id is not null",
        ),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    # the first amount; later amounts are rows of pledge_amount
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    frequency: Mapped[str]
    anchor_day: Mapped[int | None] = mapped_column(SmallInteger)
    start_date: Mapped[date]
    end_date: Mapped[date | None]
    instalments: Mapped[int | None]
    total_minor: Mapped[int | None]
    grace_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    method: Mapped[str | None]
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    note: Mapped[str | None]
    import_run_id: Mapped[int | None]


class PledgeAmount(Base):
    """An amount that replaces an earlier one from a day on; rows are only ever added."""

    __tablename__ = "pledge_amount"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(one_of("reason", "upgrade", "downgrade", "correction"), name="reason"),
    )
    pledge_id: Mapped[int] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    amount_minor: Mapped[Minor]
    reason: Mapped[str]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    import_run_id: Mapped[int | None]


class PledgeTerms(Base):
    """Earlier frequency, day, grace and fund; the row of the pledge has the current ones."""

    __tablename__ = "pledge_terms"
    __table_args__ = (CheckConstraint(one_of("frequency", *FREQUENCIES), name="frequency"),)
    pledge_id: Mapped[int] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    # exclusive: the first day of the following terms
    until_date: Mapped[date] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    frequency: Mapped[str]
    anchor_day: Mapped[int | None] = mapped_column(SmallInteger)
    grace_days: Mapped[int | None]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    import_run_id: Mapped[int | None]


class PledgePause(Dated, Base):
    """A period without expected instalments; both ends are inclusive, `ends_on` may be open."""

    __tablename__ = "pledge_pause"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index("ix_pledge_pause_pledge_id", "pledge_id"),
    )
    id: Mapped[BigKey]
    pledge_id: Mapped[int] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str | None]
    import_run_id: Mapped[int | None]


class PledgeRefusal(Base):
    """A user's decision that a gift does not pay a pledge; matching does not link the two."""

    __tablename__ = "pledge_refusal"
    __table_args__ = (
        Index("ix_pledge_refusal_pledge_id", "pledge_id"),
        Index("ix_pledge_refusal_donor_id", "donor_id"),
    )
    gift_id: Mapped[int] = mapped_column(
        ForeignKey("gift.id", ondelete="CASCADE"), primary_key=True
    )
    pledge_id: Mapped[int] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    refused_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PledgeSkip(Dated, Base):
    """One excused instalment."""

    __tablename__ = "pledge_skip"
    pledge_id: Mapped[int] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    due_on: Mapped[date] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    reason: Mapped[str | None]
