"""Throughput of 1, 2 and 4 processes: mails sent per second, and tasks of the queue.

A mail server delays each message, not all together: several senders wait in parallel. Tasks of
the queue are work of this machine, and are limited by its processors.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from benchmarks.support.private_server import private_server

if TYPE_CHECKING:
    from app.db import Session

PROCESSES = (1, 2, 4)
MAILS, TASKS, PEOPLE = 400, 1_200, 1_200
SLOW_SECONDS = 0.03
PORT = 8_925
SENDER = "from datetime import UTC, datetime; from jobs.tasks import send_mail; \
send_mail.run(datetime.now(UTC))"


class Slow:
    """A mail server that delays each message."""

    def __init__(self) -> None:
        self.came: list[float] = []

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        """Accept a message after a delay."""
        import asyncio  # noqa: PLC0415

        await asyncio.sleep(SLOW_SECONDS)
        self.came.append(time.monotonic())
        return "250 OK"


def main() -> None:
    """Measure on a private server and print."""
    with private_server(
        EMAIL_BACKEND="smtp",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=str(PORT),
        EMAIL_USE_TLS="false",
        LOG_LEVEL="ERROR",
    ):
        _report("mails sent", _mails, "a message takes the server 30 ms")
        _report("tasks done", _tasks, f"{os.cpu_count()} processors")


def _report(name: str, measure: Callable[[int], float], note: str) -> None:
    rates = {number: measure(number) for number in PROCESSES}
    for number, rate in rates.items():
        print(
            f"{name}, {number} process{'es' if number > 1 else '':2}: {rate:7.1f} a second, "
            f"{rate / rates[1]:.2f} × one  ({note})"
        )


def _mails(number: int) -> float:
    from app.db import transaction_for_system  # noqa: PLC0415
    from app.mail import password_reset  # noqa: PLC0415

    server = Slow()
    controller = Controller(server, hostname="127.0.0.1", port=PORT)
    controller.start()
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        for mail_number in range(MAILS):
            password_reset(
                db,
                user_id=_person(db),
                name="A",
                to=f"a{mail_number}@example.org",
                link=f"https://crm.example.org/{number}/{mail_number}",
                now=now.replace(microsecond=mail_number + number * 10_000),
            )
    senders = [subprocess.Popen([sys.executable, "-c", SENDER]) for _ in range(number)]
    for sender in senders:
        sender.wait()
    controller.stop()
    # measure from when all senders are running, without their start
    steady = server.came[len(server.came) // 4 :]
    return len(steady) / (steady[-1] - steady[0])


def _tasks(number: int) -> float:
    from sqlalchemy import text  # noqa: PLC0415

    from app.db import transaction_for_system  # noqa: PLC0415
    from app.db.queue import defer  # noqa: PLC0415
    from jobs.tasks import reset_link  # noqa: PLC0415

    with transaction_for_system() as db:
        for person_number in range(PEOPLE):
            _person(db, f"p{number}-{person_number}@example.org")
        for task_number in range(TASKS):
            defer(db, reset_link.NAME, {"email": f"p{number}-{task_number}@example.org"})

    def left() -> int:
        with transaction_for_system() as db:
            return int(db.scalar(text("select count(*) from procrastinate_jobs")) or 0)

    with _workers(number):
        while left() > TASKS * 3 // 4:
            time.sleep(0.02)
        first, began = left(), time.monotonic()
        while (now := left()) > 20:
            time.sleep(0.02)
        rate = (first - now) / (time.monotonic() - began)
        while left():
            time.sleep(0.05)
    return rate


@contextmanager
def _workers(number: int) -> Iterator[None]:
    command = [sys.executable, "-m", "jobs", "worker"]
    started = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(number)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def _person(db: "Session", email: str = "bench@example.org") -> int:
    from sqlalchemy import text  # noqa: PLC0415

    user = db.execute(
        text(
            "insert into app_user (email, name, role, last_sign_in_at)"
            " values (:email, 'A', 'fundraiser', now())"
            " on conflict (lower(email)) do update set name = 'A' returning id"
        ),
        {"email": email},
    )
    return int(user.scalar_one())


if __name__ == "__main__":
    main()
