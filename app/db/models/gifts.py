"""Money received: gifts, their reversals, splits and soft credits; funds and campaigns."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    and_,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Currency, Dated, Minor, Versioned, one_of
from app.kit.payment_methods import METHODS, TRIBUTES

PLEDGE_REASONS = ("instalment", "open sum", "several", "near", "by hand", "file")
SOFT_CREDITS = ("spouse", "employer match", "donor-advised fund", "tribute", "solicitor")


class Fund(Versioned, Base):
    """A fund that gifts are designated to."""

    __tablename__ = "fund"
    __table_args__ = (
        CheckConstraint(one_of("status", "active", "closed"), name="status"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("length(gl_code) between 1 and 50", name="gl_code"),
        Index("uq_fund_name", func.lower(text("name")), unique=True),
        Index(
            "uq_fund_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where="external_id is not null",
        ),
    )
    id: Mapped[BigKey]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    import_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_run.id", ondelete="SET NULL")
    )
    # the account in the organisation's bookkeeping
    gl_code: Mapped[str | None]
    # the fund that has taken over everything of this one; such a row only resolves names and ids
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))


class Campaign(Versioned, Base):
    """An appeal with its dates and its goal in the organisation's currency."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("uq_campaign_name", func.lower(text("name")), unique=True),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint(one_of("status", "active", "closed"), name="status"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("goal_minor > 0", name="goal"),
    )
    id: Mapped[BigKey]
    name: Mapped[str]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    goal_minor: Mapped[int | None]
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    # the campaign that has taken over everything of this one
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaign.id", ondelete="RESTRICT")
    )
    import_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_run.id", ondelete="SET NULL")
    )


class Gift(Versioned, Base):
    """Money received (positive), or a reversal of such a gift (negative, linked to it)."""

    __tablename__ = "gift"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'gift' and amount_minor > 0 and base_minor >= 0 and reverses_id is null)"
            " or (kind = 'reversal' and amount_minor < 0 and base_minor <= 0"
            " and reverses_id is not null)",
            name="sign",
        ),
        CheckConstraint("currency = upper(currency) and length(currency) = 3", name="currency"),
        CheckConstraint("gift_date between '1900-01-01' and '2199-12-31'", name="gift_date"),
        CheckConstraint(one_of("method", *METHODS), name="method"),
        CheckConstraint(one_of("pledge_reason", *PLEDGE_REASONS), name="pledge_reason"),
        Index("ix_gift_donor_id_gift_date", "donor_id", "gift_date"),
        Index("ix_gift_gift_date", text("gift_date desc"), text("id desc")),
        # the gifts of a pledge are read by an index-only scan
        Index(
            "ix_gift_pledge_id",
            "pledge_id",
            postgresql_where="pledge_id is not null",
            postgresql_include=["gift_date", "amount_minor", "returned_minor", "kind"],
        ),
        Index(
            "ix_gift_import_run_id", "import_run_id", postgresql_where="import_run_id is not null"
        ),
        CheckConstraint("not awaiting_rate or base_minor = 0", name="awaiting_rate"),
        CheckConstraint(one_of("tribute", *TRIBUTES), name="tribute"),
        Index("ix_gift_awaiting_rate", "currency", "gift_date", postgresql_where="awaiting_rate"),
        Index("ix_gift_reverses_id", "reverses_id", postgresql_where="reverses_id is not null"),
        Index(
            "uq_gift_source_external_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where="external_id is not null",
        ),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(server_default="gift", default="gift")
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    # in the organisation's currency at the rate of the day; zero without a rate
    base_minor: Mapped[Minor]
    # in a foreign currency, and no rate of its day or an earlier one is known
    awaiting_rate: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    gift_date: Mapped[date]
    method: Mapped[str | None]
    # None when split: the funds and campaigns are in the lines
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="SET NULL"))
    # linked to a pledge other than one of a single gift; maintained by triggers
    recurring: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    # why it is linked: by its amount, by the file, or by a user
    pledge_reason: Mapped[str | None]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("gift.id", ondelete="RESTRICT"))
    # the amount reversed, zero or more; maintained by triggers
    returned_minor: Mapped[Minor] = mapped_column(server_default="0", default=0)
    returned_base_minor: Mapped[Minor] = mapped_column(server_default="0", default=0)
    fee_minor: Mapped[int | None]
    source: Mapped[str | None]
    external_id: Mapped[str | None]
    thanked_at: Mapped[datetime | None]
    thanked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    thanked_how: Mapped[str | None]
    receipt_number: Mapped[str | None] = mapped_column(unique=True)
    receipt_wanted: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    check_number: Mapped[str | None]
    # one of TRIBUTES: in honour of whom the gift is, and who is to be notified of it
    tribute: Mapped[str | None]
    tribute_name: Mapped[str | None]
    notify_name: Mapped[str | None]
    notify_address: Mapped[str | None]
    note: Mapped[str | None]
    import_run_id: Mapped[int | None]

    @hybrid_property
    def effective(self) -> bool:
        """Whether the gift is not fully reversed; a fully reversed gift does not count."""
        return self.kind == "gift" and self.returned_minor < self.amount_minor

    @effective.inplace.expression
    @classmethod
    def _effective(cls) -> ColumnElement[bool]:
        return and_(cls.kind == "gift", cls.returned_minor < cls.amount_minor)

    @hybrid_property
    def left_minor(self) -> int:
        """The amount left after reversals, in the gift's currency."""
        return self.amount_minor - self.returned_minor

    @hybrid_property
    def left_base_minor(self) -> int:
        """The amount left after reversals, in the organisation's currency."""
        return self.base_minor - self.returned_base_minor


class GiftLine(Base):
    """A part of a split gift; the database checks that the parts add up to it."""

    __tablename__ = "gift_line"
    __table_args__ = (
        Index("ix_gift_line_gift_id", "gift_id"),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )
    id: Mapped[BigKey]
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id", ondelete="CASCADE"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    amount_minor: Mapped[Minor]
    base_minor: Mapped[Minor]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="RESTRICT"))


class SoftCredit(Dated, Base):
    """Recognition of a donor who did not give the money; never added to the gift."""

    __tablename__ = "soft_credit"
    __table_args__ = (
        Index("ix_soft_credit_gift_id", "gift_id"),
        Index("ix_soft_credit_donor_id", "donor_id"),
        CheckConstraint(one_of("type", *SOFT_CREDITS), name="type"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )
    id: Mapped[BigKey]
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift.id", ondelete="CASCADE"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    type: Mapped[str]
    # in the currency of the gift
    amount_minor: Mapped[Minor]
    # maintained by triggers: who gave and when, what the credit counts in the organisation's
    # currency, and what is left of the whole gift
    giver_id: Mapped[int]
    gift_date: Mapped[date]
    base_minor: Mapped[Minor]
    gift_base_minor: Mapped[Minor]
    import_run_id: Mapped[int | None]
