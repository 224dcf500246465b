"""API tokens, two-factor authentication with recovery codes, and passkeys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.models.base import Base, BigKey


class ApiToken(Base):
    """A named API token of a user, for a program or a calendar. Only its hash is stored."""

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
    """The encrypted TOTP secret of a user; two-factor authentication is on once confirmed."""

    __tablename__ = "second_factor"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
    # the time step (30 s) of the last accepted code, so that no code works twice
    last_step: Mapped[int] = mapped_column(server_default="0", default=0)


class RecoveryCode(Base):
    """A recovery code for a lost authenticator; works once, only its hash is stored."""

    __tablename__ = "recovery_code"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential of a user: its public key and the last signature counter seen."""

    __tablename__ = "passkey"
    __table_args__ = (
        CheckConstraint("sign_count >= 0", name="sign_count"),
        Index("uq_passkey_credential_id", "credential_id", unique=True),
        Index("ix_passkey_user_id", "user_id"),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    # COSE key, encoded as CBOR
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(server_default="0", default=0)
    name: Mapped[str]
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text))
    # whether the device synchronises it with the user's other devices
    backed_up: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
