"""One process of the shape: started, waited for, killed, started again; known by its pid."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from app.db.embedded.os_user import User

PATIENCE = 60.0
LOG_TAIL = 3_000


class ShapeError(RuntimeError):
    """A part did not start; the message ends with the tail of its log."""


@dataclass(slots=True)
class Part:
    """A process of ours, in a session of its own so that Ctrl-C reaches us alone."""

    name: str
    words: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    user: User | None = None
    answers: Callable[[], bool] = lambda: True
    ending: signal.Signals = signal.SIGTERM
    # a killed master's children would keep the port
    as_group: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def begin(self) -> None:
        """Start the process and do not wait for it."""
        person = self.user
        rights: dict[str, Any] = {}
        if person:
            rights = {"user": person.uid, "group": person.gid, "extra_groups": []}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.words),
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **rights,
            )

    def wait(self) -> None:
        """Wait until it answers; one that ends in the meantime is started again.

        A database that was killed refuses to start while its last children are still ending.

        Raises:
            ShapeError: it did not answer within a minute.
        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self.alive:
                if self.process is not None:
                    time.sleep(0.3)
                self.begin()
            if self.answers() and self.alive:
                return
            time.sleep(0.05)
        tail = self.log.read_text(errors="replace")[-LOG_TAIL:]
        msg = f"{self.name} did not answer within {PATIENCE:.0f} seconds. Its last words:\n{tail}"
        raise ShapeError(msg)

    def kill(self, signal_number: signal.Signals = signal.SIGKILL) -> None:
        """End the process, by default without a word of warning, and see it gone."""
        if self.process is None or self.process.poll() is not None:
            return
        if self.as_group:
            os.killpg(self.process.pid, signal_number)
        else:
            self.process.send_signal(signal_number)
        try:
            self.process.wait(PATIENCE / 4)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE / 4)


def free_ports(many: int) -> list[int]:
    """Return so many different free ports of the loopback address."""
    sockets = [socket.socket() for _ in range(many)]
    try:
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()


def answers_http(address: str) -> Callable[[], bool]:
    """Return a question: does this address answer 200?"""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=3) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)  # noqa: PLR2004
        except (OSError, urllib.error.URLError):
            return False

    return ask


def answers_tcp(
    port: int, speech: bytes = b"", expected: bytes = b"", *, host: str = "127.0.0.1"
) -> Callable[[], bool]:
    """Return a check whether a server listens on the port and replies as expected."""

    def ask() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1) as connection:
                connection.sendall(speech)
                return not expected or connection.recv(len(expected)) == expected
        except OSError:
            return False

    return ask


def answers_sql(dsn: str) -> Callable[[], bool]:
    """Return a question: does the database take connections?"""

    def ask() -> bool:
        try:
            psycopg2.connect(dsn, connect_timeout=2).close()
        except psycopg2.Error:
            return False
        return True

    return ask
