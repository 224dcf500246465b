"""Run migrations online against the configured database, or the connection handed over."""

from datetime import timedelta
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from app.db.models import Base
from app.db.security import row_level_security
from app.db.statements import timeouts

# procrastinate owns its tables and their migrations; they are not ours to compare.
FOREIGN = "procrastinate_"


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001
    """Leave the queue's own tables out of the comparison."""
    return not (kind == "table" and (name or "").startswith(FOREIGN))


def run(connection: Connection) -> None:
    limit_lock_waits(connection)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
        include_object=ours,
    )
    with context.begin_transaction():
        context.run_migrations()
    # a migration may have brought a table, a restored database may have come without the roles
    if connection.in_transaction():
        row_level_security.build(connection)
    else:
        with connection.begin():
            row_level_security.build(connection)


def limit_lock_waits(connection: Connection) -> None:
    """Let every migration fail that waits for a lock longer than a few seconds.

    Until it gets its lock, each later query of the table waits behind it: the application would
    stand still as long as the one long transaction that holds the lock.
    """
    begun = connection.in_transaction()
    milliseconds = timeouts.SCHEMA_LOCK // timedelta(milliseconds=1)
    # for the connection: every migration has a transaction of its own
    connection.execute(text(f"set lock_timeout = {milliseconds}"))
    if not begun:
        connection.commit()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    from app.db.session import engine

    with engine().connect() as own:
        run(own)
