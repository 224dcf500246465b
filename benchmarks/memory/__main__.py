"""Claim: an open page holds at most 1.6 × what one of the framework does; memory stays flat.

An open page: tabs that have clicked through Today, Dashboard and Donors stay open; what some more
of them add to the process is divided by their number, so that nothing the process holds only once
counts. The same is measured with a page of the framework with one table and one chart. Then
visitors click for some minutes, and people sign in with the form and leave again.
`python -m benchmarks.memory [--pages FEW MANY] [--minutes N] [--sign-ins N] [--json]`
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from typing import TypedDict, TypeVar

from benchmarks import sessions
from benchmarks.memory.visits import open_tabs, sign_in
from benchmarks.sessions import MB, PAGES, Served
from benchmarks.support.visitor import Crowd, Drawn

Answer = TypeVar("Answer")
PORT, FLOOR_PORT = 8_937, 8_938
LIMIT = 1.6
# the framework's page, where the memory that was freed before hides what few pages add
LEAST_MB = 0.02
# of the memory after the first minute, at the end of the soak and after the sign-ins
STEADY = 1.05
VISITORS, THINK = 30, 6.0


class OpenPages(TypedDict):
    """Memory of the process in MB with few and many open pages, and what one page adds."""

    few_mb: float
    many_mb: float
    each_mb: float


class Figures(TypedDict):
    """What was measured; the memory of the soak and of the sign-ins is the process' RSS in MB."""

    app: OpenPages
    floor: OpenPages
    ratio: float
    start_mb: float
    minutes_mb: list[float]
    sign_ins: int
    signed_in_mb: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs=2, default=[50, 200])
    parser.add_argument("--minutes", type=int, default=2)
    parser.add_argument("--sign-ins", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    few, many = chosen.pages
    with sessions.house(PORT):
        floor = in_process("floor", lambda server: open_pages(server, few, many))
        app = in_process("app", lambda server: open_pages(server, few, many))
        lasting = in_process("app", lambda server: last(server, chosen.minutes, chosen.sign_ins))
    figures: Figures = {
        "app": app,
        "floor": floor,
        "ratio": app["each_mb"] / max(floor["each_mb"], LEAST_MB),
        **lasting,
    }
    print(json.dumps(figures) if chosen.json else format_report(figures))
    first, *later = [*figures["minutes_mb"], figures["signed_in_mb"]]
    if figures["ratio"] > LIMIT or later[-1] > STEADY * first:
        sys.exit("A limit is missed.")


def open_pages(server: Served, few: int, many: int) -> OpenPages:
    """Measure what each of the pages between `few` and `many` adds to the process."""

    async def measure() -> OpenPages:
        async with open_tabs(address(server), server.cookies, PAGES) as tabs:
            await tabs.open(few)
            before = server.megabytes
            await tabs.open(many)
            after = server.megabytes
            if tabs.failures():
                sys.exit("Some pages were not drawn.")
        return {
            "few_mb": before,
            "many_mb": after,
            "each_mb": (after - before) / (many - few),
        }

    return asyncio.run(measure())


class Lasting(TypedDict):
    """The parts of the figures about one process over time."""

    start_mb: float
    minutes_mb: list[float]
    sign_ins: int
    signed_in_mb: float


def last(server: Served, minutes: int, sign_ins: int) -> Lasting:
    """Let visitors click for some minutes, then people sign in and leave."""
    crowd = Crowd(address(server), server.cookies, PAGES)
    start, sizes = rss(server), list[float]()

    async def soak() -> list[Drawn]:
        walking = asyncio.create_task(crowd.walk(VISITORS, seconds=minutes * 60, think=THINK))
        while not walking.done():
            await asyncio.wait([walking], timeout=60)
            sizes.append(rss(server))
        return await walking

    drawn = asyncio.run(soak())
    if any(page.failures for page in drawn):
        sys.exit("Some pages were not drawn.")
    asyncio.run(sign_in_often(server, sign_ins))
    return {
        "start_mb": start,
        "minutes_mb": sizes,
        "sign_ins": sign_ins,
        "signed_in_mb": rss(server),
    }


async def sign_in_often(server: Served, number: int) -> None:
    """Sign in one person after the other."""
    from app import demo  # noqa: PLC0415 - after the settings are chosen

    for count in range(number):
        person = demo.SIGN_INS[count % len(demo.SIGN_INS)]
        await sign_in(address(server), person.email, person.password)


def in_process(what: str, measure: Callable[[Served], Answer]) -> Answer:
    """Measure in a new process of the app or of the framework's own page."""
    app = what == "app"
    port = PORT if app else FLOOR_PORT
    start = ("app", "serve") if app else ("benchmarks.support.baseline", str(port))
    with sessions.served(what, port, *start) as process:
        return measure(Served(what, port, process, sessions.cookies() if app else ()))


def address(server: Served) -> str:
    """Return the host and port of a process."""
    return f"127.0.0.1:{server.port}"


def rss(server: Served) -> float:
    """Return the resident memory of a process in MB."""
    return float(server.process.memory_info().rss) / MB


def format_report(figures: Figures) -> str:
    """Return the results as text."""
    app, floor = figures["app"], figures["floor"]
    minutes = ", ".join(f"{size:.0f}" for size in figures["minutes_mb"])
    return (
        f"an open page: {app['each_mb']:.3f} MB, of the framework {floor['each_mb']:.3f} MB: "
        f"{figures['ratio']:.2f} × (limit {LIMIT})\n"
        f"the process: {app['few_mb']:.0f} to {app['many_mb']:.0f} MB, of the framework "
        f"{floor['few_mb']:.0f} to {floor['many_mb']:.0f} MB\n"
        f"RSS in MB: {figures['start_mb']:.0f} at the start; after each minute of {VISITORS} "
        f"visitors {minutes}; after {figures['sign_ins']} sign-ins {figures['signed_in_mb']:.0f} "
        f"(limit {STEADY} × the first minute)"
    )


if __name__ == "__main__":
    main()
