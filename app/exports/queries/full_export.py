"""Expected row counts and sums of a full export, computed by the database."""

from decimal import Decimal

from sqlalchemy import text

from app.accounts import SYSTEM
from app.db import Session
from app.exports.queries.datasets import Kind
from app.exports.queries.rows import count_rows


def lock_tables(db: Session) -> None:
    """Set the transaction to repeatable read, so that all files come from one snapshot."""
    db.execute(text("set transaction isolation level repeatable read"))


def full_rows(db: Session, kind: Kind) -> tuple[int, dict[str, Decimal]]:
    """Return the number of all rows of a kind, and the sums of its amounts by currency."""
    rows = count_rows(db, SYSTEM, kind)
    if not {"amount", "currency"} <= set(kind.columns):
        return rows, {}
    amount, unit = kind.columns["amount"].sql, kind.columns["currency"].sql
    source = kind.source.replace("{scope}", "true")
    query = f"select {unit} as unit, sum(({amount})::numeric) from {source} group by 1"
    return rows, {row[0]: Decimal(row[1]) for row in db.execute(text(query))}
