"""The organisation, users, teams, sessions, devices, tokens and exchange rates."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    and_,
    func,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Currency, Dated, Versioned, one_of
from app.kit.roles import USER_ROLES

CODES = ("sign_in", "reset", "invitation", "device", "passkey_add", "passkey_sign_in")


class Organisation(Versioned, Base):
    """The organisation of this database; a single row with id 1."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("modules <@ array['requests']", name="modules"),
        CheckConstraint("fiscal_start_month between 1 and 12", name="fiscal_start_month"),
        CheckConstraint("mfa_grace_days between 0 and 14", name="mfa_grace_days"),
        CheckConstraint("thank_within_hours between 1 and 720", name="thank_within_hours"),
        CheckConstraint("file_retention_days between 1 and 3650", name="file_retention_days"),
        CheckConstraint(
            one_of("alert_channel", "at once", "summary", "app", "none"), name="alert_channel"
        ),
    )
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    currency: Mapped[Currency] = mapped_column(server_default="USD")
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en_US")
    fiscal_start_month: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    is_demo: Mapped[bool] = mapped_column(server_default=text("false"))
    # role → when two-factor authentication became required for it (ISO 8601)
    mfa_required_since: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    mfa_grace_days: Mapped[int] = mapped_column(SmallInteger, server_default="7", default=7)
    # ISO 3166
    country: Mapped[str | None]
    # for letters, receipts and mails
    address: Mapped[str] = mapped_column(server_default="")
    tax_id: Mapped[str] = mapped_column(server_default="")
    sender_name: Mapped[str] = mapped_column(server_default="")
    thank_within_hours: Mapped[int] = mapped_column(SmallInteger, server_default="48")
    file_retention_days: Mapped[int] = mapped_column(SmallInteger, server_default="90")
    # where alerts are sent to users who have not chosen
    alert_channel: Mapped[str] = mapped_column(server_default="summary")
    # an administrator has hidden the first steps on Today
    checklist_hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    # the optional parts of the program that are switched on
    modules: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]"), default=list
    )


class OrganisationLogo(Base):
    """The organisation's logo as PNG; a single row with id 1."""

    __tablename__ = "organisation_logo"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    png: Mapped[bytes]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class User(Versioned, Base):
    """A user account. The e-mail address is unique, ignoring case."""

    __tablename__ = "app_user"
    __table_args__ = (
        Index("uq_app_user_email", func.lower(text("email")), unique=True),
        CheckConstraint(one_of("role", *USER_ROLES), name="role"),
        CheckConstraint("summary_weekday between 0 and 6", name="summary_weekday"),
        CheckConstraint("summary_hour between 0 and 23", name="summary_hour"),
        CheckConstraint(
            "(quiet_from is null and quiet_until is null)"
            " or (quiet_from between 0 and 23 and quiet_until between 0 and 23)",
            name="quiet_hours",
        ),
    )
    id: Mapped[BigKey]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    time_zone: Mapped[str | None]
    locale: Mapped[str | None]
    summary_on: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    # 0 = Monday, as datetime.weekday() counts
    summary_weekday: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    summary_hour: Mapped[int] = mapped_column(SmallInteger, server_default="8", default=8)
    # alert kind → "at once" | "summary" | "app" | "none"
    alert_channels: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    # quiet hours, in the user's time zone, without alert mails; past midnight when from > until
    quiet_from: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_until: Mapped[int | None] = mapped_column(SmallInteger)
    last_sign_in_at: Mapped[datetime | None]
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    # incremented by a trigger when active, role or password_changed_at changes; links in mails
    # contain it
    access_version: Mapped[int] = mapped_column(server_default="1", default=1)

    @hybrid_property
    def accepted(self) -> bool:
        """Whether the user has ever signed in or chosen a password.

        A first password set by another user does not count.
        """
        return self.last_sign_in_at is not None or self.password_changed_at is not None

    @accepted.inplace.expression
    @classmethod
    def _accepted(cls) -> ColumnElement[bool]:
        return or_(cls.last_sign_in_at.is_not(None), cls.password_changed_at.is_not(None))

    @hybrid_property
    def participates(self) -> bool:
        """Whether the account is active and accepted.

        This rule decides on mails about donors, regular mails and tasks created by the scheduler.
        """
        return self.active and self.accepted

    @participates.inplace.expression
    @classmethod
    def _participates(cls) -> ColumnElement[bool]:
        return and_(cls.active, cls.accepted)


class MonthlyGoal(Base):
    """A version of a user's monthly goal, from the month that begins on `month`; never changed."""

    __tablename__ = "monthly_goal"
    __table_args__ = (
        CheckConstraint("minor >= 0", name="minor"),
        CheckConstraint("extract(day from month) = 1", name="month"),
        Index("ix_monthly_goal_user_id_month_id", "user_id", "month", "id"),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    month: Mapped[date]
    minor: Mapped[int]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())


class TeamMember(Dated, Base):
    """The assignment of a fundraiser to a supervisor or coach."""

    __tablename__ = "team_member"
    __table_args__ = (
        CheckConstraint(one_of("kind", "supervisor", "coach"), name="kind"),
        CheckConstraint("lead_id <> member_id", name="not_oneself"),
        Index("ix_team_member_member_id", "member_id"),
    )
    lead_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)


class Session(Base):
    """A session of a user on a device. Only hashes of its rotating cookie token are stored."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_user_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    previous_hash: Mapped[str | None]
    rotated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]
    # impersonation ("View as"): the impersonated user
    viewing_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    # when the password or a code was last entered inside the session
    confirmed_at: Mapped[datetime | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    # opened with a passkey or a code, or two-factor authentication was set up in it
    two_factor: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class SignInTry(Base):
    """Failed attempts by key of `login_throttle`: hash of an e-mail, IP address or session."""

    __tablename__ = "sign_in_try"
    key: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int] = mapped_column(server_default="0", default=0)
    # for a rate limit: when all of its attempts are available again
    blocked_until: Mapped[datetime | None]
    seen_at: Mapped[datetime]


class TokenFamily(Base):
    """One sign-in of an API client: its rotating refresh tokens; only hashes are stored."""

    __tablename__ = "token_family"
    __table_args__ = (Index("ix_token_family_user_id", "user_id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    previous_hash: Mapped[str | None]
    rotated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class UserDevice(Base):
    """A type of device a user has signed in with ("Firefox on Windows"), and when last."""

    __tablename__ = "user_device"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]


class KnownDevice(Base):
    """A browser a user has signed in with, by the hash of its device cookie."""

    __tablename__ = "known_device"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    device_hash: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]


class OneTimeCode(Base):
    """A single-use secret: for a cookie, a password reset, an invitation, a challenge.

    The challenge of a passkey sign-in has no user: it is created before the user is known.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (
        CheckConstraint(one_of("purpose", *CODES), name="purpose"),
        CheckConstraint("user_id is not null or purpose = 'passkey_sign_in'", name="owner"),
        Index("ix_one_time_code_user_id", "user_id"),
    )
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ExchangeRate(Base):
    """The value of one unit of `currency` in the organisation's currency on a day."""

    __tablename__ = "exchange_rate"
    __table_args__ = (CheckConstraint("rate > 0", name="rate"),)
    currency: Mapped[Currency] = mapped_column(primary_key=True)
    on_date: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(18, 8))
