"""Columns and foreign keys that most tables have, for the migrations.

Every migration depends on this module: what a function builds must not change any more.
"""

import sqlalchemy as sa


def now(name: str) -> sa.Column[sa.DateTime]:
    """Build a column for a moment, by default that of the transaction."""
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def reference(table: str, column: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
    """Build the foreign key of a column to the primary key of another table."""
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=f"fk_{table}_{column}_{target}",
        ondelete=on_delete,
    )
