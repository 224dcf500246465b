"""The declarative base, the naming of constraints, and the column types shared by all tables."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import CHAR, BigInteger, DateTime, Identity, MetaData, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

BigKey = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Minor = Annotated[int, mapped_column(BigInteger)]
Currency = Annotated[str, mapped_column(CHAR(3))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Text, int: BigInteger, datetime: DateTime(timezone=True)}  # noqa: RUF012


class Dated:
    """Columns for when a row was created and last changed (UTC)."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Versioned(Dated):
    """A row that users edit: the version detects a concurrent change (optimistic locking)."""

    version: Mapped[int] = mapped_column(server_default="1", default=1)


def one_of(column: str, *values: str) -> str:
    """Return the SQL of a check that a column holds one of the given values."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"
