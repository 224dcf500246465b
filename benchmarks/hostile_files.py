"""Hostile files: each is refused in time, and the screens of other users remain usable.

Two parts: every file is passed to the parser by itself; then five users upload such files one
after the other, while others click through their screens.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

import psutil

from app.file_reader.sandbox import pool
from app.kit.errors import InvalidError
from benchmarks import sessions
from benchmarks.support.hostile import FILES, HEAD, ROW, workbook_of
from benchmarks.support.uploader import Uploader
from benchmarks.support.visitor import Crowd, Drawn

__all__ = ["FILES", "workbook_of"]

REFUSED_SECONDS = 2.0
ENDED_SECONDS = 10.0
# times the duration of a screen without such files
MOST_RATIO = 2.0
UPLOADERS = 5
VISITORS = 4
# seconds between two uploads of one user
PAUSE_SECONDS = 1.0
# larger uploads would measure the network
MOST_BYTES = 300_000
MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Refused:
    """The result of parsing one file."""

    name: str
    megabytes: float
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class Screens:
    """Click times of other users in milliseconds, with and without files being parsed."""

    p50: float
    p50_alone: float
    p95: float
    p95_alone: float
    uploads: int
    slowest_upload: float
    megabytes_web: float
    megabytes_readers: float

    @property
    def ratio(self) -> float:
        """Return the median click time relative to the one without uploads."""
        return self.p50 / self.p50_alone


def main() -> None:
    """Measure and print; fail if a file is slow or accepted, or other screens are slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of clicking, each time")
    parser.add_argument("--only", choices=["files", "screens"], help="one of the two parts")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    refusals = [offered(name) for name in FILES] if chosen.only != "screens" else []
    pool.end_all()
    screens = measured(chosen.seconds) if chosen.only != "files" else None
    if chosen.json:
        print(
            json.dumps(
                {"files": list(map(asdict, refusals)), "screens": screens and asdict(screens)}
            )
        )
    else:
        print_files(refusals)
        if screens:
            print_screens(screens)
    slow = any(refusal.seconds > ENDED_SECONDS or not refusal.message for refusal in refusals)
    sys.exit(slow or bool(screens and screens.ratio > MOST_RATIO))


def offered(name: str) -> Refused:
    """Pass one file to the parser and return the result."""
    data = FILES[name]()
    # start the parser process first, so that its start is not measured
    pool.table(HEAD + ROW)
    began, message = perf_counter(), ""
    try:
        pool.table(data)
    except InvalidError as error:
        message = str(error)
    return Refused(name, len(data) / 1e6, perf_counter() - began, message)


def measured(seconds: float) -> Screens:
    """Measure click times alone, and then beside five users who upload hostile files."""
    small = [data for data in (make() for make in FILES.values()) if len(data) <= MOST_BYTES]
    with (
        sessions.house(),
        sessions.served("app", sessions.APP_PORT, "app", "serve") as process,
    ):
        cookies = sessions.cookies()
        crowd = Crowd(f"127.0.0.1:{sessions.APP_PORT}", cookies, sessions.PAGES)
        asyncio.run(crowd.walk(1, seconds=2, think=0.1))
        alone = asyncio.run(crowd.walk(VISITORS, seconds=seconds, think=1.0))
        return asyncio.run(_beside(crowd, alone, process, small, seconds))


async def _beside(
    crowd: Crowd,
    alone: Sequence[Drawn],
    process: psutil.Popen,
    files: Sequence[bytes],
    seconds: float,
) -> Screens:
    # the first user of the demonstration, who may import
    uploading = [
        asyncio.create_task(_upload(crowd.address, crowd.cookies[0], files, seconds + 5, seed))
        for seed in range(UPLOADERS)
    ]
    memory = asyncio.create_task(_memory(process, uploading))
    drawn = await crowd.walk(VISITORS, seconds=seconds, think=1.0)
    uploads = [page for drawn_pages in await asyncio.gather(*uploading) for page in drawn_pages]
    web, readers = await memory
    return Screens(
        *_percentiles(drawn, alone, 0.5),
        *_percentiles(drawn, alone, 0.95),
        len(uploads),
        max(upload.seconds for upload in uploads),
        web,
        readers,
    )


async def _upload(
    address: str, cookie: Mapping[str, str], files: Sequence[bytes], seconds: float, seed: int
) -> list[Drawn]:
    chance, until = random.Random(seed), time.monotonic() + seconds
    drawn = []
    async with Uploader(address, cookie) as visitor:
        await visitor.click("import")
        while time.monotonic() < until:
            drawn.append(await visitor.upload("gifts.xlsx", chance.choice(files)))
            await asyncio.sleep(PAUSE_SECONDS)
    return drawn


async def _memory(
    process: psutil.Popen, uploading: Sequence[asyncio.Task[object]]
) -> tuple[float, float]:
    """Return the peak memory in MB of the web process, and of its parser processes together."""
    web, readers = [0.0], [0.0]
    while not all(task.done() for task in uploading):
        web.append(process.memory_full_info().uss / MB)
        used = 0.0
        for child in process.children(recursive=True):
            try:
                used += child.memory_info().rss / MB
            except psutil.NoSuchProcess:
                continue
        readers.append(used)
        await asyncio.sleep(0.25)
    return max(web), max(readers)


def _percentiles(
    drawn: Sequence[Drawn], alone: Sequence[Drawn], share: float
) -> tuple[float, float]:
    def one(pages: Sequence[Drawn]) -> float:
        took = sorted(each.seconds * 1000 for each in pages)
        return statistics.median(took) if share == 0.5 else took[int(len(took) * share)]

    return one(drawn), one(alone)


def print_files(refusals: Sequence[Refused]) -> None:
    """Print each file's seconds and the message it was refused with."""
    for refusal in refusals:
        late = " LATE" if refusal.seconds > REFUSED_SECONDS else ""
        print(
            f"{refusal.name:36}{refusal.megabytes:8.2f} MB{refusal.seconds:7.2f} s{late}  "
            f"{refusal.message or 'NOT REFUSED'}"
        )
    if refusals:
        good = sum(
            bool(refusal.message) and refusal.seconds <= REFUSED_SECONDS for refusal in refusals
        )
        print(f"{good} of {len(refusals)} refused within {REFUSED_SECONDS:.0f} s each")


def print_screens(screens: Screens) -> None:
    """Print the click times of other users."""
    print(
        f"others' screens beside {UPLOADERS} uploading: p50 {screens.p50:.0f} ms, "
        f"{screens.ratio:.2f} times the {screens.p50_alone:.0f} ms alone (limit {MOST_RATIO:g}); "
        f"p95 {screens.p95:.0f} and {screens.p95_alone:.0f} ms\n"
        f"{screens.uploads} uploads, the slowest {screens.slowest_upload:.1f} s; "
        f"memory of the web process {screens.megabytes_web:.0f} MB, "
        f"of its readers {screens.megabytes_readers:.0f} MB"
    )


if __name__ == "__main__":
    main()
