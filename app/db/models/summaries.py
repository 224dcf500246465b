"""Aggregates maintained by database triggers, search texts, and the nightly rhythm scores."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    SmallInteger,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Minor


class DonorSummary(Base):
    """Aggregate of a donor's gifts in the organisation's currency, always equal to `gift`."""

    __tablename__ = "donor_summary"
    __table_args__ = (
        Index(
            "ix_donor_summary_owner_last",
            "owner_id",
            text("last_gift_date desc nulls last"),
            "donor_id",
        ),
        Index("ix_donor_summary_owner_total", "owner_id", text("total_minor desc"), "donor_id"),
        Index("ix_donor_summary_last", text("last_gift_date desc nulls last"), "donor_id"),
        Index("ix_donor_summary_total", text("total_minor desc"), "donor_id"),
    )
    donor_id: Mapped[int] = mapped_column(
        ForeignKey("donor.id", ondelete="CASCADE"), primary_key=True
    )
    owner_id: Mapped[int | None]
    # the number of gifts without reversals; the amounts below include reversals
    gifts: Mapped[int] = mapped_column(server_default="0")
    total_minor: Mapped[Minor] = mapped_column(server_default="0")
    first_gift_date: Mapped[date | None]
    last_gift_date: Mapped[date | None]
    largest_minor: Mapped[int | None]
    # net of reversals, in the two periods of `giving_period`
    before_minor: Mapped[Minor] = mapped_column(server_default="0")
    now_minor: Mapped[Minor] = mapped_column(server_default="0")


class GivingPeriod(Base):
    """The two periods, each without its end, whose sums `donor_summary` has; one row.

    A job moves them to the new day. Whoever compares other periods corrects the sums by the gifts
    of the days between.
    """

    __tablename__ = "giving_period"
    __table_args__ = (CheckConstraint("id = 1", name="id"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    before_start: Mapped[date]
    before_end: Mapped[date]
    now_start: Mapped[date]
    now_end: Mapped[date]


class PledgeSummary(Base):
    """How far a pledge is prepaid, but for the pledges of `pledge_change`.

    `prepaid_until` is the due date of the last instalment that its gifts reach, if only in part,
    whatever their days: on that day and later it is not paid ahead. No row without gifts.
    """

    __tablename__ = "pledge_summary"
    __table_args__ = (Index("ix_pledge_summary_prepaid_until", "prepaid_until"),)
    pledge_id: Mapped[int] = mapped_column(
        ForeignKey("pledge.id", ondelete="CASCADE"), primary_key=True
    )
    donor_id: Mapped[int]
    prepaid_until: Mapped[date]


class PledgeChange(Base):
    """A pledge whose gifts or terms changed since its summary was computed; written by triggers.

    Without a key to `pledge`: a writer must not wait for another one of the same pledge.
    """

    __tablename__ = "pledge_change"
    id: Mapped[BigKey]
    pledge_id: Mapped[int]


class DonorYear(Base):
    """A donor's gifts net of reversals by fiscal year, named by the calendar year it ends in."""

    __tablename__ = "donor_year"
    __table_args__ = (
        Index("ix_donor_year_year_total", "fiscal_year", text("total_minor desc"), "donor_id"),
    )
    donor_id: Mapped[int] = mapped_column(
        ForeignKey("donor.id", ondelete="CASCADE"), primary_key=True
    )
    fiscal_year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    gifts: Mapped[int]
    total_minor: Mapped[Minor]


class OwnerMonth(Base):
    """A fundraiser's income by calendar month; owner 0 is for donors without an owner."""

    __tablename__ = "owner_month"
    __table_args__ = (Index("ix_owner_month_month", "month"),)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    # linked to a pledge / not linked
    recurring_minor: Mapped[Minor]
    one_time_minor: Mapped[Minor]
    gifts: Mapped[int]


class DonorSearch(Base):
    """Search text of a donor: names, e-mails, phone digits, ids; lower case, no accents."""

    __tablename__ = "donor_search"
    __table_args__ = (
        Index(
            "ix_donor_search_text",
            "text",
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
        ),
    )
    donor_id: Mapped[int] = mapped_column(
        ForeignKey("donor.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str]


class DonorSearchPending(Base):
    """Donors whose search text is to be refreshed before the transaction commits.

    Written by triggers and emptied by the one that refreshes the texts; no other transaction ever
    sees a row.
    """

    __tablename__ = "donor_search_pending"
    id: Mapped[BigKey]
    donor_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class RhythmReliability(Base):
    """One result of `donors.at_risk.backtest.measure`: the quality of the alerts as of a day."""

    __tablename__ = "rhythm_reliability"
    as_of: Mapped[date] = mapped_column(primary_key=True)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RhythmModel(Base):
    """What the last scoring of everybody has learnt; one row, used until the next one.

    `scored_on` is the day of the last nightly scoring.
    """

    __tablename__ = "rhythm_model"
    fitted_on: Mapped[date] = mapped_column(primary_key=True)
    scored_on: Mapped[date]
    learnt: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fitted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RhythmChange(Base):
    """A donor whose counted gifts changed since the last scoring; written by triggers.

    Without a key to `donor`: a writer must not wait for another one of the same donor.
    """

    __tablename__ = "rhythm_change"
    id: Mapped[BigKey]
    donor_id: Mapped[int]


class DonorRhythm(Base):
    """The score of one donor: the last result of `donors.rhythm.assess`, as of a day.

    The verdict holds until the day before `next_change_on`. `overdue_ratio` and `risk` are those
    of `as_of`, `risk_ahead` has the risk of each day after it.
    """

    __tablename__ = "donor_rhythm"
    __table_args__ = (
        Index("ix_donor_rhythm_status", "status"),
        Index("ix_donor_rhythm_next_change_on", "next_change_on"),
    )
    donor_id: Mapped[int] = mapped_column(
        ForeignKey("donor.id", ondelete="CASCADE"), primary_key=True
    )
    as_of: Mapped[date]
    gifts: Mapped[int]
    last_gift: Mapped[date]
    rhythm_days: Mapped[float | None] = mapped_column(Float)
    overdue_ratio: Mapped[float | None] = mapped_column(Float)
    regular: Mapped[bool]
    risk: Mapped[float | None] = mapped_column(Float)
    status: Mapped[str]
    expected_by: Mapped[date | None]
    peers: Mapped[int | None]
    peers_returned: Mapped[int | None]
    scored_at: Mapped[datetime] = mapped_column(server_default=func.now())
    spread: Mapped[float | None] = mapped_column(Float)
    season: Mapped[float | None] = mapped_column(Float)
    # a household scored with the gifts of all its members
    joint: Mapped[bool] = mapped_column(server_default=text("false"))
    # the donor's own part in the peers of the model, one bit for each band, in hex
    past: Mapped[str | None]
    risk_ahead: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    next_change_on: Mapped[date | None]
