"""Many users at once: how long a click takes, and how much memory an open page needs.

Visitors click through Today, Dashboard and Donors of the demonstration over the framework's own
websocket; then the same clicks go to a baseline page of the framework with one table and one
chart, served with the same settings. One process serves; the visitors run in another.
`python -m benchmarks.sessions [--sessions 50 200] [--seconds N] [--think N] [--soak MINUTES]`.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.support.visitor import Crowd, Drawn

PAGES = ("", "dashboard", "donors")
# visitors who click without pauses: the maximum load of the process
HURRIED = 8
APP_PORT, FLOOR_PORT = 8_927, 8_928
# seconds until a process answers, also on a busy machine
PATIENCE = 240.0
SLOW = 1.5
# a soak test passes if the memory of its last third is within this of its middle third
STEADY = 1.05
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """The results of some visitors: click times in seconds, and the server's memory in MB."""

    what: str
    sessions: int
    clicks: int
    failures: int
    p50: float
    p95: float
    a_second: float
    megabytes_before: float
    megabytes: float

    @property
    def megabytes_each(self) -> float:
        """Return the memory in MB per open page."""
        return (self.megabytes - self.megabytes_before) / self.sessions


@dataclass(frozen=True, slots=True)
class Served:
    """A process that serves pages."""

    what: str
    port: int
    process: psutil.Popen
    cookies: Sequence[Mapping[str, str]]

    @property
    def megabytes(self) -> float:
        """Return the process's unique memory (USS) in MB: what would be freed if it ended."""
        return self.process.memory_full_info().uss / MB

    def visited(self, many: int, *, seconds: float, think: float) -> Figures:
        """Let visitors click, and return the results."""
        before = self.megabytes
        crowd = Crowd(f"127.0.0.1:{self.port}", self.cookies, PAGES)
        most = [before]

        async def walk() -> list[Drawn]:
            walking = asyncio.create_task(crowd.walk(many, seconds=seconds, think=think))
            while not walking.done():
                await asyncio.sleep(1)
                most.append(self.megabytes)
            return await walking

        drawn = asyncio.run(walk())
        took = sorted(page.seconds for page in drawn)
        return Figures(
            self.what,
            many,
            len(drawn),
            sum(bool(page.failures) for page in drawn),
            statistics.median(took),
            took[int(len(took) * 0.95)],
            len(drawn) / seconds,
            before,
            max(most[-3:]),
        )


@contextmanager
def served(what: str, port: int, *arguments: str) -> Iterator[psutil.Popen]:
    """Start a process that serves pages on a port, and terminate it at the end."""
    environment = os.environ | {"PORT": str(port)}  # noqa: TID251 - the private server's settings
    process = psutil.Popen([sys.executable, "-m", *arguments], env=environment)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/_stcore/health", timeout=5
                ).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"{what} did not start.")
                time.sleep(0.2)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def cookies() -> list[dict[str, str]]:
    """Sign in each user of the demonstration and return their session cookies."""
    from app import accounts, demo  # noqa: PLC0415 - after the settings below
    from app.db import transaction_for_system  # noqa: PLC0415

    now, session_cookies = datetime.now(UTC), []
    with transaction_for_system() as db:
        for person in demo.SIGN_INS:
            user = accounts.actor_by_email(db, person.email).user_id
            _, code = accounts.open_session(db, user_id=user, now=now)
            session_cookies.append(
                {accounts.cookie_name(): accounts.redeem_code(db, code=code, now=now) or ""}
            )
    return session_cookies


@contextmanager
def house(port: int = APP_PORT) -> Iterator[None]:
    """Fill a private database with the demonstration, and stop it at the end.

    `port` is that of the application's address.
    """
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        # before the settings are read: a private server, whatever this machine is configured for
        os.environ.update(  # noqa: TID251
            DATA_DIR=folder,
            DATABASE_URL="",
            LOG_LEVEL="ERROR",
            HOST="127.0.0.1",
            REDIS_URL="",
            PUBLIC_URL=f"http://127.0.0.1:{port}",
            EMAIL_BACKEND="file",
        )
        from app import demo  # noqa: PLC0415 - after the settings above
        from app.db import migrate  # noqa: PLC0415
        from app.db.embedded import server as embedded  # noqa: PLC0415

        migrate.upgrade()
        try:
            demo.load_if_empty()
            yield
        finally:
            embedded.stop(Path(folder) / "postgres")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=30.0, help="of clicking, for each line")
    parser.add_argument("--think", type=float, default=10.0, help="seconds between two clicks")
    parser.add_argument("--soak", type=float, default=0.0, help="minutes of 50 visitors instead")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with house():
        if chosen.soak:
            sys.exit(soak(chosen.soak, chosen.think))
        figures = [*measured("app", chosen), *measured("floor", chosen)]
    print(
        json.dumps([asdict(entry) for entry in figures]) if chosen.json else format_report(figures)
    )
    if any(entry.failures for entry in figures):
        sys.exit("Some pages were not drawn.")


def measured(what: str, chosen: argparse.Namespace) -> Iterator[Figures]:
    """Measure one server with each number of visitors, in a new process for each."""
    app = what == "app"
    port = APP_PORT if app else FLOOR_PORT
    start = ("app", "serve") if app else ("benchmarks.support.baseline", str(port))
    lines = [(many, chosen.think) for many in chosen.sessions] + [(HURRIED, 0.0)]
    for many, think in lines:
        with served(what, port, *start) as process:
            server = Served(what, port, process, cookies() if app else ())
            # warm up: what the first click loads is not part of an open page
            server.visited(1, seconds=2, think=0)
            yield server.visited(many, seconds=chosen.seconds, think=think)


def soak(minutes: float, think: float, many: int = 50) -> int:
    """Let visitors click for minutes; print memory, and return 1 if it keeps growing."""
    with served("app", APP_PORT, "app", "serve") as process:
        server = Served("app", APP_PORT, process, cookies())
        server.visited(1, seconds=2, think=0)
        crowd, sizes = Crowd(f"127.0.0.1:{APP_PORT}", server.cookies, PAGES), list[float]()

        async def walk() -> list[Drawn]:
            walking = asyncio.create_task(crowd.walk(many, seconds=minutes * 60, think=think))
            while not walking.done():
                await asyncio.sleep(5)
                sizes.append(server.megabytes)
            return await walking

        drawn = asyncio.run(walk())
    third = len(sizes) // 3
    middle, last = statistics.mean(sizes[third : 2 * third]), statistics.mean(sizes[2 * third :])
    failed = sum(bool(page.failures) for page in drawn)
    print(f"{many} visitors, {minutes:g} minutes, {len(drawn):,} clicks, {failed} failed")
    print("memory, MB, each minute: " + ", ".join(f"{value:.0f}" for value in sizes[::12]))
    print(f"last third {last:.0f} MB, {last / middle:.3f} × the middle third (limit {STEADY})")
    return int(failed > 0 or last > STEADY * middle)


def format_report(figures: Sequence[Figures]) -> str:
    """Return the results as a table, each line of the app with its baseline."""
    floors = {entry.sessions: entry for entry in figures if entry.what == "floor"}
    head = (
        f"{'':6}{'sessions':>9}{'clicks':>8}{'failed':>8}{'p50 ms':>9}{'p95 ms':>9}"
        f"{'a second':>10}{'MB':>8}{'MB each':>9}"
    )
    lines = [head]
    for entry in figures:
        lines.append(
            f"{entry.what:6}{entry.sessions:9}{entry.clicks:8}{entry.failures:8}"
            f"{entry.p50 * 1000:9.0f}{entry.p95 * 1000:9.0f}{entry.a_second:10.1f}"
            f"{entry.megabytes:8.0f}{entry.megabytes_each:9.2f}"
        )
        floor = floors[entry.sessions]
        if entry.what == "app":
            lines.append(
                f"       × the floor: p50 {entry.p50 / floor.p50:.2f} (to reach {SLOW}), "
                f"p95 {entry.p95 / floor.p95:.2f}, clicks a second "
                f"{entry.a_second / floor.a_second:.2f}"
            )
    lines.append(f"{HURRIED} sessions click without looking: all that one process can draw.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
