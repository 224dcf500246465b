"""Claim: whichever process is killed, no gift is lost and none is recorded twice.

Clients record gifts through nginx, each with an Idempotency-Key and retried until it is answered,
and tasks are queued, while a web process, a scheduler, a worker, Redis and PostgreSQL are killed
in turn (kill -9) and restarted. Then the database is read.
`python -m benchmarks.chaos [--seconds N] [--json]`.
"""

import argparse
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2

from app import demo
from app.accounts import RESET_TASK
from deploy import shape as shapes
from deploy.shape import Shape

VICTIMS = ("web-1", "scheduler-1", "worker-1", "redis", "postgres")
PROGRAMS = 3
PAUSE = 0.1
# seconds after which the workers are processing the queued tasks
BUSY = 0.3
# seconds until a killed part is restarted
AWAY = 1.0
# seconds until a request is retried; the limit for anything in total
AGAIN, PATIENCE = 0.2, 120.0
CREATED = 201
DAY = timedelta(days=1)
QUEUED = 400
DEFER = """
select procrastinate_defer_jobs_v1(array[row(
    'default', %s, 0, null, null, jsonb_build_object('email', %s), null
)::procrastinate_job_to_defer_v1])
"""
SEEN = "select note, count(*) from gift where note like %s group by note"
LEFT = "select count(*) from procrastinate_jobs where task_name = %s"


@dataclass(frozen=True, slots=True)
class Line:
    """The result for the gifts and the queued tasks while one part was killed."""

    killed: str
    expected: int
    seen: int
    lost: int
    duplicated: int
    work_queued: int
    work_left: int
    # from the kill, or from the request if that was later, to its answer
    longest_wait_seconds: float
    # from the kill until it answers again, the service is ready and the queue is empty
    whole_after_seconds: float


@dataclass(slots=True)
class Client:
    """An API client that records gifts and retries."""

    shape: Shape
    tls: ssl.SSLContext | None = None
    token: str = ""
    donors: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sign in, and read the donors for whom gifts can be recorded."""
        if self.shape.certificate:
            self.tls = ssl.create_default_context(cafile=str(self.shape.certificate))
        person = demo.SIGN_INS[0]
        body = {"email": person.email, "password": person.password}
        self.token = self.ask("POST", "auth/token", body)[1]["access"]
        self.donors = [donor["id"] for donor in self.ask("GET", "donors")[1]["items"]]

    def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Send one request and return the status and the answer.

        Raises:
            OSError: there was no answer, or it was an error.
        """
        request = urllib.request.Request(  # noqa: S310 - the application's address
            f"{self.shape.address}/api/v1/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"content-type": "application/json", **headers}
            | ({"authorization": f"Bearer {self.token}"} if self.token else {}),
        )
        with urllib.request.urlopen(request, timeout=15, context=self.tls) as answer:  # noqa: S310
            return answer.status, json.load(answer)

    def record(self, key: str) -> None:
        """Record a gift, retrying with the same key until it is answered.

        Raises:
            TimeoutError: it was not answered in time.
        """
        gift = {
            "donor_id": self.donors[hash(key) % len(self.donors)],
            "amount": "5.00",
            # yesterday is past in every time zone; today in UTC may be tomorrow in the user's zone
            "currency": "USD",
            "date": f"{datetime.now(UTC) - DAY:%Y-%m-%d}",
            "note": key,
        }
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                status, _ = self.ask("POST", "gifts", gift, **{"Idempotency-Key": key})
            except urllib.error.HTTPError as error:
                # a retry would be refused as well: that is an error of this program
                if error.code < 500 and error.code != 429:
                    raise
            except (OSError, ValueError):
                pass
            else:
                if status == CREATED:
                    return
            time.sleep(AGAIN)
        msg = f"The gift {key} was not answered within {PATIENCE:.0f} seconds."
        raise TimeoutError(msg)


@dataclass(slots=True)
class Load:
    """Running clients: which gifts were sent, and when each began and was answered."""

    client: Client
    mark: str
    done: list[tuple[str, float, float]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Record one gift after the other until `stop` is set."""
        while not self.stop.is_set():
            key = f"{self.mark}-{uuid.uuid4()}"
            self.sent.append(key)
            began = time.monotonic()
            self.client.record(key)
            self.done.append((key, began, time.monotonic()))
            time.sleep(PAUSE)


def strike(client: Client, victim: str, *, seconds: float, queued: int = QUEUED) -> Line:
    """Kill one part under load, restart it, and count what is in the database afterwards."""
    shape, load = client.shape, Load(client, f"chaos-{victim}")
    programs = [threading.Thread(target=load.work, daemon=True) for _ in range(PROGRAMS)]
    for program in programs:
        program.start()
    time.sleep(seconds / 3)
    _queue(shape, victim, queued)
    time.sleep(BUSY)
    killed = time.monotonic()
    shape.kill(victim)
    time.sleep(AWAY)
    shape.restart(victim)
    _queue(shape, f"{victim}-after", queued)
    _ready(client)
    left = _emptied(shape)
    recovery = time.monotonic() - killed
    time.sleep(max(0.0, seconds - (time.monotonic() - killed)))
    load.stop.set()
    for program in programs:
        program.join(PATIENCE)
    rows = _counted(shape, load.mark)
    waits = [end - max(began, killed) for _, began, end in load.done if end > killed]
    return Line(
        killed=victim,
        expected=len(load.sent),
        seen=len(set(load.sent) & rows.keys()),
        lost=len(set(load.sent) - rows.keys()),
        duplicated=sum(rows.values()) - len(rows),
        work_queued=2 * queued,
        work_left=left,
        longest_wait_seconds=round(max(waits, default=PATIENCE), 2),
        whole_after_seconds=round(recovery, 2),
    )


def _queue(shape: Shape, mark: str, many: int) -> None:
    """Queue tasks of the cheapest kind: a reset link for an address without an account."""
    with closing(psycopg2.connect(shape.database_url)) as connection, connection:
        for number in range(many):
            address = f"nobody-{mark}-{number}@demo.example"
            connection.cursor().execute(DEFER, (RESET_TASK, address))


def _emptied(shape: Shape) -> int:
    """Wait until the queue is empty; return how much is left at the time limit."""
    until, left = time.monotonic() + PATIENCE, -1
    while left and time.monotonic() < until:
        with closing(psycopg2.connect(shape.database_url)) as connection:
            cursor = connection.cursor()
            cursor.execute(LEFT, (RESET_TASK,))
            left = int((cursor.fetchone() or (0,))[0])
        time.sleep(0.1)
    return left


def _ready(client: Client) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            client.ask("GET", "ready/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    msg = "The service did not become ready again."
    raise TimeoutError(msg)


def _counted(shape: Shape, mark: str) -> dict[str, int]:
    with closing(psycopg2.connect(shape.database_url)) as connection:
        cursor = connection.cursor()
        cursor.execute(SEEN, (f"{mark}-%",))
        return dict(cursor.fetchall())


def ledger(lines: Sequence[Line]) -> str:
    """Return the lines as a table."""
    head = (
        f"{'killed':12}{'expected':>9}{'seen':>6}{'lost':>6}{'twice':>6}"
        f"{'work':>6}{'left':>6}{'longest wait s':>16}{'whole after s':>15}"
    )
    rows = [
        f"{line.killed:12}{line.expected:9}{line.seen:6}{line.lost:6}{line.duplicated:6}"
        f"{line.work_queued:6}{line.work_left:6}{line.longest_wait_seconds:16.2f}"
        f"{line.whole_after_seconds:15.2f}"
        for line in lines
    ]
    return "\n".join([head, *rows])


def is_complete(line: Line) -> bool:
    """Return whether nothing was lost, duplicated or left over."""
    return not (line.lost or line.duplicated or line.work_left) and line.expected > 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=12.0, help="of load for each kill")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with shapes.up(API_REQUESTS_A_MINUTE="100000") as shape:
        client = Client(shape)
        lines = [strike(client, victim, seconds=chosen.seconds) for victim in VICTIMS]
    print(json.dumps([asdict(line) for line in lines]) if chosen.json else ledger(lines))
    if not all(map(is_complete, lines)):
        sys.exit("Something was lost, done twice or left undone.")


if __name__ == "__main__":
    main()
