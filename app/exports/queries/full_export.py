"""What the files of everything must hold, counted by the database itself."""

from decimal import Decimal

from sqlalchemy import text

from app.accounts import SYSTEM
from app.db import Session
from app.exports.queries.datasets import Kind
from app.exports.queries.rows import count_rows


def hold_still(db: Session) -> None:
    """Have the whole transaction read the database as of one moment."""
    db.execute(text("set transaction isolation level repeatable read"))


def held(db: Session, kind: Kind) -> tuple[int, dict[str, Decimal]]:
    """Return how many rows a kind has for the system, and its amounts' sums by currency."""
    rows = count_rows(db, SYSTEM, kind)
    if not {"amount", "currency"} <= set(kind.columns):
        return rows, {}
    amount, unit = kind.columns["amount"].sql, kind.columns["currency"].sql
    source = kind.source.replace("{scope}", "true")
    query = f"select {unit} as unit, sum(({amount})::numeric) from {source} group by 1"
    return rows, {row[0]: Decimal(row[1]) for row in db.execute(text(query))}
