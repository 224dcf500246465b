"""Start of commands and processes, beside the import of the libraries that each cannot do without.

Each command and its baseline are run in turn, and the fastest run of each counts. With `--beside`
the same is measured in another checkout, such as one of an earlier commit.
`python -m benchmarks.start [--rounds N] [--beside FOLDER] [--json]`.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.settings import ROOT
from benchmarks.support.private_server import private_server

LONGEST = 120
DATABASE = "import sqlalchemy.orm, sqlalchemy.dialects.postgresql, psycopg2"
WEB = f"{DATABASE}, streamlit.web.bootstrap, fastapi, pandas"


@dataclass(frozen=True, slots=True)
class Reach:
    """A command, what it has to import, the seconds to reach, and the limit as a ratio."""

    command: str
    baseline: str
    seconds: float
    limit: float


REACHES = (
    Reach("app --help", "import typer", 0.5, 4.0),
    Reach("app organisation show", DATABASE, 1.3, 4.0),
    Reach("app db check", DATABASE, 1.3, 4.5),
    Reach("jobs run late_pledges", DATABASE, 1.5, 5.0),
    Reach("app serve", WEB, 3.0, 3.0),
)


@dataclass(frozen=True, slots=True)
class Took:
    """What a process took: seconds until its end or its first answer, and of processors."""

    seconds: float
    processor_seconds: float


def main() -> None:
    """Measure on a private server and print; exit with 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    # as `make run` does: the second start reads what the first has compiled
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # noqa: TID251
    with private_server(LOG_LEVEL="ERROR"):
        figures = [_measured(reach, chosen.beside, chosen.rounds) for reach in REACHES]
    if chosen.json:
        print(json.dumps(figures))
    else:
        for line in figures:
            print(_line(line))
    sys.exit(any(float(line["ratio"]) > float(line["limit"]) for line in figures))


def _measured(reach: Reach, beside: Path | None, rounds: int) -> dict[str, float | str]:
    """Return the fastest runs of a command here and beside, and of its baseline."""
    words = ["-m", *reach.command.split()]
    runs: dict[str, list[Took]] = {"": [], "baseline_": [], "beside_": []}
    # one round more: the first compiles
    for _ in range(rounds + 1):
        runs["baseline_"].append(_run(["-c", reach.baseline], ROOT))
        runs[""].append(_run(words, ROOT))
        if beside:
            runs["beside_"].append(_run(words, beside))
    figures: dict[str, float | str] = {"command": reach.command}
    for name, took in runs.items():
        if took:
            figures[f"{name}seconds"] = min(each.seconds for each in took[1:])
            figures[f"{name}cpu"] = min(each.processor_seconds for each in took[1:])
    ratio = float(figures["seconds"]) / float(figures["baseline_seconds"])
    return figures | {"ratio": ratio, "limit": reach.limit, "reach": reach.seconds}


def _run(words: Sequence[str], folder: Path) -> Took:
    """Run Python until it ends, or until a web process answers."""
    serving = words[-1] == "serve"
    port = _free_port()
    environment = os.environ | {"PORT": str(port)}  # noqa: TID251
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if serving:
        _wait_for_answer(port)
        seconds = time.perf_counter() - began
        process.terminate()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if not serving:
        seconds = time.perf_counter() - began
        if process.returncode:
            msg = f"{' '.join(words)} ended with {process.returncode}"
            raise RuntimeError(msg)
    return Took(seconds, usage.ru_utime + usage.ru_stime)


def _wait_for_answer(port: int) -> None:
    """Return when the web process says that it is healthy."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health/", timeout=5):
                return
        except OSError:
            time.sleep(0.02)
    msg = f"The web process does not answer within {LONGEST} seconds."
    raise RuntimeError(msg)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _line(figures: dict[str, float | str]) -> str:
    """Return one row of the table."""
    before = (
        f"  beside {figures['beside_seconds']:5.2f} s ({figures['beside_cpu']:.2f} of processors)"
        if "beside_seconds" in figures
        else ""
    )
    return (
        f"{figures['command']:<22} {figures['seconds']:5.2f} s ({figures['cpu']:.2f} of "
        f"processors), to reach {figures['reach']:.1f} s; {figures['ratio']:4.1f} × its imports' "
        f"{figures['baseline_seconds']:.2f} s ({figures['baseline_cpu']:.2f}), limit "
        f"{figures['limit']:.1f}{before}"
    )


if __name__ == "__main__":
    main()
