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

from benchmarks._visitor import Crowd, Drawn

PAGES = ("", "dashboard", "donors")
# visitors who click without pauses: the maximum load of the process
HURRIED = 8
APP_PORT, FLOOR_PORT = 8_927, 8_928
PATIENCE = 60.0
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
        took = sorted(one.seconds for one in drawn)
        return Figures(
            self.what,
            many,
            len(drawn),
            sum(bool(one.failures) for one in drawn),
            statistics.median(took),
            took[int(len(took) * 0.95)],
            len(drawn) / seconds,
            before,
            max(most[-3:]),
        )


@contextmanager
def served(what: str, port: int, *words: str) -> Iterator[psutil.Popen]:
    """Start a process that serves pages on a port, and terminate it at the end."""
    here = os.environ | {"PORT": str(port)}  # noqa: TID251 - the private server's settings
    process = psutil.Popen([sys.executable, "-m", *words], env=here)
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

    now, found = datetime.now(UTC), []
    with transaction_for_system() as db:
        for person in demo.SIGN_INS:
            user = accounts.actor_by_email(db, person.email).user_id
            _, code = accounts.open_session(db, user_id=user, now=now)
            found.append(
                {accounts.cookie_name(): accounts.redeem_code(db, code=code, now=now) or ""}
            )
    return found


@contextmanager
def house() -> Iterator[None]:
    """Fill a private database with the demonstration, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        # before the settings are read: a private server, whatever this machine is configured for
        os.environ.update(  # noqa: TID251
            DATA_DIR=folder,
            DATABASE_URL="",
            LOG_LEVEL="ERROR",
            HOST="127.0.0.1",
            REDIS_URL="",
            PUBLIC_URL=f"http://127.0.0.1:{APP_PORT}",
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
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sessions", type=int, nargs="+", default=[50, 200])
    words.add_argument("--seconds", type=float, default=30.0, help="of clicking, for each line")
    words.add_argument("--think", type=float, default=10.0, help="seconds between two clicks")
    words.add_argument("--soak", type=float, default=0.0, help="minutes of 50 visitors instead")
    words.add_argument("--json", action="store_true")
    chosen = words.parse_args()
    with house():
        if chosen.soak:
            sys.exit(soak(chosen.soak, chosen.think))
        found = [*measured("app", chosen), *measured("floor", chosen)]
    print(json.dumps([asdict(one) for one in found]) if chosen.json else told(found))
    if any(one.failures for one in found):
        sys.exit("Some pages were not drawn.")


def measured(what: str, chosen: argparse.Namespace) -> Iterator[Figures]:
    """Measure one server with each number of visitors, in a new process for each."""
    app = what == "app"
    port = APP_PORT if app else FLOOR_PORT
    start = ("app", "serve") if app else ("benchmarks._floor", str(port))
    lines = [(many, chosen.think) for many in chosen.sessions] + [(HURRIED, 0.0)]
    for many, think in lines:
        with served(what, port, *start) as process:
            one = Served(what, port, process, cookies() if app else ())
            # warm up: what the first click loads is not part of an open page
            one.visited(1, seconds=2, think=0)
            yield one.visited(many, seconds=chosen.seconds, think=think)


def soak(minutes: float, think: float, many: int = 50) -> int:
    """Let visitors click for minutes; print memory, and return 1 if it keeps growing."""
    with served("app", APP_PORT, "app", "serve") as process:
        one = Served("app", APP_PORT, process, cookies())
        one.visited(1, seconds=2, think=0)
        crowd, seen = Crowd(f"127.0.0.1:{APP_PORT}", one.cookies, PAGES), list[float]()

        async def walk() -> list[Drawn]:
            walking = asyncio.create_task(crowd.walk(many, seconds=minutes * 60, think=think))
            while not walking.done():
                await asyncio.sleep(5)
                seen.append(one.megabytes)
            return await walking

        drawn = asyncio.run(walk())
    third = len(seen) // 3
    middle, last = statistics.mean(seen[third : 2 * third]), statistics.mean(seen[2 * third :])
    failed = sum(bool(one.failures) for one in drawn)
    print(f"{many} visitors, {minutes:g} minutes, {len(drawn):,} clicks, {failed} failed")
    print("memory, MB, each minute: " + ", ".join(f"{value:.0f}" for value in seen[::12]))
    print(f"last third {last:.0f} MB, {last / middle:.3f} × the middle third (limit {STEADY})")
    return int(failed > 0 or last > STEADY * middle)


def told(found: Sequence[Figures]) -> str:
    """Return the results as a table, each line of the app with its baseline."""
    floors = {one.sessions: one for one in found if one.what == "floor"}
    head = (
        f"{'':6}{'sessions':>9}{'clicks':>8}{'failed':>8}{'p50 ms':>9}{'p95 ms':>9}"
        f"{'a second':>10}{'MB':>8}{'MB each':>9}"
    )
    lines = [head]
    for one in found:
        lines.append(
            f"{one.what:6}{one.sessions:9}{one.clicks:8}{one.failures:8}{one.p50 * 1000:9.0f}"
            f"{one.p95 * 1000:9.0f}{one.a_second:10.1f}{one.megabytes:8.0f}"
            f"{one.megabytes_each:9.2f}"
        )
        floor = floors[one.sessions]
        if one.what == "app":
            lines.append(
                f"       × the floor: p50 {one.p50 / floor.p50:.2f} (to reach {SLOW}), "
                f"p95 {one.p95 / floor.p95:.2f}, clicks a second "
                f"{one.a_second / floor.a_second:.2f}"
            )
    lines.append(f"{HURRIED} sessions click without looking: all that one process can draw.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
