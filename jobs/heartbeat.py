"""Heartbeat of a scheduler or worker process, which also covers its current runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.db import job_runs, transaction_for_system
from jobs import runner

EVERY_SECONDS = 10


@contextmanager
def heartbeat(kind: str) -> Iterator[None]:
    """Write the heartbeat from a separate thread until the block ends, then delete it."""
    ended = threading.Event()

    def beat() -> None:
        with transaction_for_system() as db:
            job_runs.beat(db, process=runner.WORKER, kind=kind)

    def forget() -> None:
        with transaction_for_system() as db:
            job_runs.delete_heartbeat(db, process=runner.WORKER)

    def keep_beating() -> None:
        while not ended.wait(EVERY_SECONDS):
            runner.attempt(beat, "The heartbeat")

    thread = threading.Thread(target=keep_beating, name="pulse", daemon=True)
    # inside the try: a stop signal during the start also deletes the first heartbeat
    try:
        runner.attempt(beat, "The heartbeat")
        thread.start()
        yield
    finally:
        ended.set()
        if thread.is_alive():
            thread.join()
        runner.attempt(forget, "The heartbeat")
