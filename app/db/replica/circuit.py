"""Circuit breaker of the read replica: after a failure it is not used for some seconds."""

import logging
import threading
import time
from enum import StrEnum

# how long the replica is not used after a failure
REST_SECONDS = 5.0
log = logging.getLogger(__name__)


class Trouble(StrEnum):
    """Why the replica is not used, as a sentence for administrators and the log."""

    AWAY = "It cannot be reached."
    STARTING = "It is still starting."
    SILENT = "It does not answer in time."
    BEHIND = "It is behind the primary."
    PROMOTED = "It is no replica: it has been promoted, or DATABASE_READ_URL names a primary."
    OTHER = "It is not a replica of the database of DATABASE_URL."
    TIMELINE = "It does not follow the primary of DATABASE_URL yet, which has changed."


class Circuit:
    """Whether the replica may be used now; for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trouble: Trouble | None = None
        self._until = 0.0

    @property
    def trouble(self) -> Trouble | None:
        """Return why the replica is not used, or None while it is."""
        return self._trouble

    @property
    def patient(self) -> bool:
        """Tell whether to wait for the replica to catch up: not while it stays behind."""
        return self._trouble is None

    def admits(self) -> bool:
        """Tell whether a request may ask the replica; after a failure one at a time does."""
        with self._lock:
            # a replica that is behind answers at once, without a wait
            if self._trouble in {None, Trouble.BEHIND}:
                return True
            if time.monotonic() < self._until:
                return False
            self._until = time.monotonic() + REST_SECONDS
            return True

    def failed(self, trouble: Trouble) -> None:
        """Do not use the replica for a while; the first failure and each other one are logged."""
        with self._lock:
            before, self._trouble = self._trouble, trouble
            self._until = time.monotonic() + REST_SECONDS
        if before != trouble:
            log.warning("The read replica is not used, the primary is read. %s", trouble.value)

    def worked(self) -> None:
        """Use the replica again."""
        with self._lock:
            before, self._trouble = self._trouble, None
        if before is not None:
            log.warning("The read replica is used again.")

    def forget(self) -> None:
        """Use the replica again and log nothing, as when its address has changed."""
        with self._lock:
            self._trouble, self._until = None, 0.0


circuit = Circuit()
