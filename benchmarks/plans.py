"""Claim: no statement of the application depends on the newest version of PostgreSQL.

Imports, dashboards, searches, lists and jobs are run through their public functions on the oldest
server of this machine and on the private one, over the same data; a listener on the engine records
every statement with its time and its plan. A statement is flagged if the older version takes three
times as long and 100 ms longer. `python -m benchmarks.plans [--gifts N] [--donors N] [--json]`.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from psycopg2 import extensions

from benchmarks.support import workload
from deploy import server, shape

Values = Sequence[object] | dict[str, object] | None
TIMES, MORE_MS = 3.0, 100.0
# statements that have a plan
PLANNED = re.compile(
    r"\s*(select|with|insert|update|delete|\(|create temporary table \w+ (on commit drop )?as)\b",
    re.IGNORECASE,
)
# the statement timeout
PATIENCE_MS = 120_000


@dataclass(slots=True)
class Seen:
    """One statement of a piece of work: its longest run, in the best round, and its plan."""

    words: str
    ms: float = 0.0
    shape: str = ""


@dataclass(slots=True)
class Line:
    """A piece of work with its statements on each server."""

    work: str
    of: dict[str, dict[str, Seen]] = field(default_factory=dict)

    def total(self, which: str) -> float:
        """Return the milliseconds of all its statements."""
        return sum(statement.ms for statement in self.of[which].values())

    def flagged(self, old: str, new: str) -> list[tuple[Seen, Seen]]:
        """Return the statements for which the older server takes much longer."""
        pairs = [
            (statement, self.of[new][key])
            for key, statement in self.of[old].items()
            if key in self.of[new]
        ]
        return [
            (before, after)
            for before, after in pairs
            if before.ms > TIMES * after.ms and before.ms - after.ms > MORE_MS
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifts", type=int, default=1_000_000)
    parser.add_argument("--donors", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        # before the settings are read: private servers, whatever this machine is configured for
        os.environ.update(  # noqa: TID251
            DATA_DIR=folder,
            DATABASE_URL="",
            STATEMENT_TIMEOUT_MS=str(PATIENCE_MS),
            SLOW_QUERY_MS="0",
            EMAIL_BACKEND="file",
        )
        lines, names = measured(Path(folder), chosen.donors, chosen.gifts)
    print(json.dumps(as_json(lines)) if chosen.json else format_report(lines, names))


def measured(folder: Path, donors: int, gifts: int) -> tuple[list[Line], tuple[str, str]]:
    """Run all the work on both servers alternately, so that both have the same background load."""
    with servers(folder) as addresses:
        from app.db import elsewhere, migrate  # noqa: PLC0415 - after the settings above

        for address in addresses.values():
            with elsewhere(address):
                migrate.upgrade()
                workload.fill(donors, gifts)
        lines = []
        for work, rounds, do in workload.all_of_it():
            line = Line(work)
            for which, address in addresses.items():
                with elsewhere(address):
                    line.of[which] = best(rounds, do)
            lines.append(line)
            took = ", ".join(f"{line.total(address):,.0f} ms" for address in addresses)
            print(f"{work}: {took}", file=sys.stderr)
    old, new = addresses
    return lines, (old, new)


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """Start both servers with the same settings and yield their addresses by version."""
    from app.db import elsewhere  # noqa: PLC0415
    from app.db.embedded import server as embedded  # noqa: PLC0415
    from app.db.session import engine  # noqa: PLC0415

    programs = shape.server_programs()
    older, newer = folder / "older", folder / "newer"
    try:
        urls = (server.start(older, programs), embedded.start(newer))
        versions = {}
        for url in urls:
            address = url.render_as_string(hide_password=False)
            with elsewhere(address), engine().connect() as connection:
                version = connection.exec_driver_sql("show server_version").scalar_one()
            versions[str(version).split()[0]] = address
        yield versions
    finally:
        embedded.stop(newer)
        server.stop(older, programs)


def best(rounds: int, work: Callable[[], object]) -> dict[str, Seen]:
    """Run a piece of work `rounds` times and return each statement's best round."""
    fastest: dict[str, Seen] = {}
    for _ in range(rounds):
        with listening() as statements:
            work()
        for key, statement in statements.items():
            if key not in fastest or statement.ms < fastest[key].ms:
                fastest[key] = statement
    return fastest


@contextmanager
def listening() -> Iterator[dict[str, Seen]]:
    """Record every statement of the engine with its longest time and its plan.

    A statement cancelled by the timeout ends the work, and counts with the time it took.
    """
    from sqlalchemy import event  # noqa: PLC0415

    from app.db.session import engine  # noqa: PLC0415
    from app.kit.errors import DonorCrmError  # noqa: PLC0415

    statements: dict[str, Seen] = {}
    began: dict[str, float] = {}

    def before(
        _c: object, cursor: extensions.cursor, sql: str, values: Values, _x: object, many: object
    ) -> None:
        statement = statements.setdefault(normalised(sql), Seen(normalised(sql)))
        if not many and not statement.shape and PLANNED.match(sql):
            statement.shape = explained(cursor, sql, values)
        began.clear()
        began[statement.words] = time.perf_counter()

    def after(*_arguments: object) -> None:
        for words, moment in began.items():
            statements[words].ms = max(statements[words].ms, (time.perf_counter() - moment) * 1000)
        began.clear()

    event.listen(engine(), "before_cursor_execute", before)
    event.listen(engine(), "after_cursor_execute", after)
    try:
        yield statements
    except DonorCrmError as error:
        after()
        print(f"  ended: {error}", file=sys.stderr)
    finally:
        event.remove(engine(), "before_cursor_execute", before)
        event.remove(engine(), "after_cursor_execute", after)


def explained(cursor: extensions.cursor, sql: str, values: Values) -> str:
    """Return the joins and scans of a plan in order, without executing the statement."""
    with cursor.connection.cursor() as beside:
        beside.execute(f"explain (format json) {sql}", values)
        ((plans,),) = beside.fetchall()
        return ", ".join(_nodes(plans[0].get("Plan", {})))


PlanNode = TypedDict(
    "PlanNode",
    {
        "Node Type": str,
        "Relation Name": str,
        "CTE Name": str,
        "Plans": "list[PlanNode]",
    },
    total=False,
)


def _nodes(plan: PlanNode) -> Iterator[str]:
    name = plan.get("Node Type", "")
    if "Scan" in name or "Join" in name or name == "Nested Loop":
        on = plan.get("Relation Name") or plan.get("CTE Name")
        yield f"{name} {on}" if on else name
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def normalised(sql: str) -> str:
    """Return a statement on one line, without numbers and repeated parameters."""
    line = re.sub(r"\d+", "n", " ".join(sql.split()))
    return re.sub(r"(%\([^)]*\)s)(, %\([^)]*\)s)+", r"\1, …", line)


def format_report(lines: Sequence[Line], names: tuple[str, str]) -> str:
    """Return the table, followed by the flagged statements with both plans."""
    old, new = names
    rows = [
        f"| work | statements | PostgreSQL {old} | {new} | slowest there | flagged |",
        "|---|---|---|---|---|---|",
    ]
    notes = []
    for line in lines:
        flagged = line.flagged(old, new)
        slowest = max(line.of[old].values(), key=lambda statement: statement.ms)
        other = line.of[new].get(slowest.words, Seen(""))
        rows.append(
            f"| {line.work} | {len(line.of[old])} | {line.total(old):,.0f} ms"
            f" | {line.total(new):,.0f} ms | {slowest.ms:,.0f} and {other.ms:,.0f} ms"
            f" | {len(flagged) or ''} |"
        )
        notes += [
            f"{line.work}: {before.ms:,.0f} ms, {after.ms:,.0f} ms: {before.words[:300]}\n"
            f"  {old}: {before.shape}\n  {new}: {after.shape}"
            for before, after in flagged
        ]
    return "\n".join([*rows, "", *(notes or ["No statement is flagged."])])


def as_json(lines: Sequence[Line]) -> dict[str, dict[str, object]]:
    """Return each piece of work with its milliseconds and its flagged statements."""
    return {
        line.work: {
            "ms": {which: line.total(which) for which in line.of},
            "flagged": [statement.words for statement, _ in line.flagged(*line.of)],
        }
        for line in lines
    }


if __name__ == "__main__":
    main()
