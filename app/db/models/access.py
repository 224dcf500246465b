"""What else lets somebody in: tokens for programs, the second factor and its recovery codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.models.base import Base, BigKey


class ApiToken(Base):
    """A named token of a person for a program or a calendar. Only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("uq_api_token_token_hash", "token_hash", unique=True),
        Index("ix_api_token_user_id", "user_id"),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class SecondFactor(Base):
    """The secret an authenticator app shares with us, encrypted; in force once confirmed."""

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
    # the half minute of the last code taken: no code works twice
    last_step: Mapped[int] = mapped_column(server_default="0", default=0)


class RecoveryCode(Base):
    """A code for the day the phone is lost; works once, only its hash is kept."""

    __tablename__ = "recovery_code"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]
