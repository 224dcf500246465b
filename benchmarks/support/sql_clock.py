"""The time of SQL statements: what passes, and the processor time of the server's process."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SqlTime:
    """Seconds of statements from sending to the last row, and on a processor of the server.

    Parallel workers of a statement are not counted as processor time. Where the system does not
    say how long a process ran, the processor time is what passed.
    """

    passed: float
    processor: float
    statements: int


class SqlClock:
    """Sums the time of the statements of the application's connections since `begin`."""

    def __init__(self) -> None:
        from sqlalchemy import event  # noqa: PLC0415

        from app.db.session import engine  # noqa: PLC0415

        self._sent = self._sent_at = 0.0
        self.begin()
        event.listen(engine(), "before_cursor_execute", self._before)
        event.listen(engine(), "after_cursor_execute", self._after)

    def begin(self) -> None:
        """Reset the sums."""
        self._passed, self._processor, self._statements = 0.0, 0.0, 0

    def read(self) -> SqlTime:
        """Return the sums since `begin`."""
        return SqlTime(self._passed, self._processor, self._statements)

    def _before(self, connection: Any, *_: object) -> None:
        self._sent_at = processor_seconds(connection)
        self._sent = time.perf_counter()

    def _after(self, connection: Any, *_: object) -> None:
        self._passed += time.perf_counter() - self._sent
        self._processor += processor_seconds(connection) - self._sent_at
        self._statements += 1


def processor_seconds(connection: Any) -> float:
    """Return how long the server's process of a connection has run on a processor."""
    process = connection.connection.dbapi_connection.info.backend_pid
    try:
        # nanoseconds on a processor, nanoseconds waiting for one, and turns
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return time.perf_counter()
