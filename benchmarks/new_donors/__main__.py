"""Claim: a file of new donors is imported at 60 % or more of the speed of inserting ready rows.

Both are measured in one run on the same server: the same rows, tables, indexes, foreign keys and
triggers, with the search text refreshed once. Measured on an empty database and beside known
donors, on the embedded server and on the oldest of this machine.
`python -m benchmarks.new_donors [--rows N] [--known N] [--server newest|oldest] [--json]`.
"""

import argparse
import contextlib
import importlib
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

from deploy import server, shape

if TYPE_CHECKING:
    from app.accounts import Actor
    from app.db import Session

Answer = TypeVar("Answer")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LIMIT = 0.6
# how many first and last names there are, the first of each list being the most frequent ones: of
# 500,000 donors three to four have the same name as a new one, on average
FIRSTS, LASTS = 200, 5_000
TABLES = ("donor", "donor_external_id", "donor_email", "donor_phone", "donor_address", "donor_tag")
SEED = (
    """
    insert into donor (name, first_name, last_name, owner_id)
    select f || ' ' || l, f, l, :owner from (
        select (cast(:firsts as text[]))[1 + floor(power(random(), 2) * :n_firsts)::int] as f,
               (cast(:lasts as text[]))[1 + floor(power(random(), 2) * :n_lasts)::int] as l
        from generate_series(1, :known)) x
    """,
    """
    insert into donor_external_id (source, external_id, donor_id)
    select 'known', 'K' || id, id from donor
    """,
    """
    insert into donor_email (donor_id, email, is_primary)
    select id, 'known' || id || '@example.org', true from donor
    """,
    """
    insert into donor_phone (donor_id, phone, is_primary)
    select id, '556 ' || id, true from donor where id % 2 = 0
    """,
    """
    insert into donor_address (donor_id, street, city, postal_code, is_primary)
    select id, id || ' Known Street', 'Utrecht', 1000 + id % 9000, true from donor
    """,
)
DIFFERENT = """
    select count(*) from donor_search s full join donor_search_fresh f using (donor_id)
    where s.text is distinct from f.text
"""


class Figures(TypedDict):
    """What was measured on one server beside a number of known donors."""

    server: str
    known: int
    rows: int
    insert_rows_per_s: float
    import_rows_per_s: float
    ratio: float
    undo_times_import: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--known", type=int, default=500_000)
    parser.add_argument("--server", choices=("newest", "oldest"))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="donorcrm-bench-") as folder:
        # before the settings are read: private servers, whatever this machine is configured for
        os.environ.update(  # noqa: TID251
            DATA_DIR=folder, DATABASE_URL="", STATEMENT_TIMEOUT_MS="0"
        )
        figures = list(measure(Path(folder), chosen.rows, chosen.known, chosen.server))
    if chosen.json:
        print(json.dumps(figures))


def format_line(figures: Figures) -> str:
    """Return the figures of one server as a line."""
    return (
        f"PostgreSQL {figures['server']:<6} beside {figures['known']:>9,} donors: "
        f"INSERT of ready rows {figures['insert_rows_per_s']:>6,.0f} rows/s, "
        f"file, bytes to commit {figures['import_rows_per_s']:>6,.0f} rows/s, "
        f"ratio {figures['ratio']:.2f} (to reach: {LIMIT}), "
        f"undo {figures['undo_times_import']:.2f} × as long as the import (limit: 1)"
    )


def measure(folder: Path, rows: int, known: int, only: str | None) -> Iterator[Figures]:
    """Measure on both servers, or on one of them: empty first, then beside known donors."""
    from app.db import elsewhere, migrate  # noqa: PLC0415 - after the settings above

    for which in ("newest", "oldest"):
        if only not in {None, which}:
            continue
        with _server(folder / which, which) as address, elsewhere(address):
            migrate.upgrade()
            actor = _people()
            for number in sorted({0, known}):
                _seed(number)
                figures = _measured(actor, rows, number)
                print(format_line(figures), file=sys.stderr)
                yield figures


@contextlib.contextmanager
def _server(home: Path, which: str) -> Iterator[str]:
    """Start a server of its own and yield its address."""
    from app.db.embedded import server as embedded  # noqa: PLC0415

    programs = shape.server_programs() if which == "oldest" else None
    url = embedded.start(home) if programs is None else server.start(home, programs)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        embedded.stop(home) if programs is None else server.stop(home, programs)


def _measured(actor: "Actor", rows: int, known: int) -> Figures:
    # before anything is timed
    importlib.import_module("app.imports")
    data = _file(rows)
    imported, run_id = _timed(lambda: _import(actor, data))
    _check_search_text()
    _keep_ready_rows(run_id)
    undone, _ = _timed(lambda: _undo(actor, run_id))
    _check_search_text()
    _vacuum()
    inserted, _ = _timed(_insert_ready)
    _check_search_text()
    return {
        "server": _version(),
        "known": known,
        "rows": rows,
        "insert_rows_per_s": rows / inserted,
        "import_rows_per_s": rows / imported,
        "ratio": inserted / imported,
        "undo_times_import": undone / imported,
    }


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


@contextlib.contextmanager
def _transaction() -> "Iterator[Session]":
    from sqlalchemy import text  # noqa: PLC0415

    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db:
        db.execute(text("set local statement_timeout = 0"))
        yield db


def _run(*statements: str, **values: object) -> None:
    from sqlalchemy import text  # noqa: PLC0415

    with _transaction() as db:
        # plans of foreign keys made while a table was empty, which an import discards, too
        db.execute(text("discard plans"))
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            db.execute(text(statement), used)


def _version() -> str:
    from app.db.session import engine  # noqa: PLC0415

    with engine().connect() as connection:
        shown = connection.exec_driver_sql("show server_version").scalar_one()
    return str(shown).split()[0]


def _people() -> "Actor":
    _run(
        "insert into organisation (id, name) values (1, 'Bench')",
        "insert into app_user (email, name, role) values ('bench@example.org', 'B', 'admin')",
        "insert into tag (name) values ('Choir')",
    )
    from app.accounts import actor_by_email  # noqa: PLC0415

    with _transaction() as db:
        return actor_by_email(db, "bench@example.org")


def _words(number: int, seed: int) -> list[str]:
    """Return different words that look like names."""
    dice = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < number:
        syllables = [
            dice.choice("bcdfghjklmnprstvwz") + dice.choice(("a", "e", "i", "o", "u", "an", "er"))
            for _ in range(dice.randint(2, 4))
        ]
        words["".join(syllables).title()] = None
    return list(words)


def _seed(known: int) -> None:
    """Replace all donors by known ones; each of the statements inserts them all."""
    _run("truncate donor cascade")
    if known:
        _run(
            "select setseed(0.5)",
            "set constraints all deferred",
            *SEED,
            firsts=_words(FIRSTS, 1),
            lasts=_words(LASTS, 2),
            n_firsts=FIRSTS,
            n_lasts=LASTS,
            known=known,
            owner=None,
        )
    _vacuum()


def _vacuum() -> None:
    """Update the statistics, as autovacuum does in any database in use."""
    from sqlalchemy import text  # noqa: PLC0415

    from app.db.session import engine  # noqa: PLC0415

    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _file(rows: int) -> bytes:
    dice, firsts, lasts = random.Random(3), _words(FIRSTS, 1), _words(LASTS, 2)
    text = io.StringIO()
    text.write("external_id,name,email,phone,street,city,postal_code,tags,notes\n")
    for n in range(rows):
        first = firsts[int(dice.random() ** 2 * FIRSTS)]
        last = lasts[int(dice.random() ** 2 * LASTS)]
        text.write(
            f"N{n},{first} {last},new{n}@example.net,555 {n:06d},{n} New Street,Utrecht,"
            f"{1000 + n % 9000},{'Choir' if n % 9 == 0 else ''},\n"
        )
    return text.getvalue().encode()


def _import(actor: "Actor", data: bytes) -> int:
    from app import imports  # noqa: PLC0415

    header = data.decode().partition("\n")[0].split(",")
    request = imports.ImportRequest(
        "donors.csv", data, kind="donors", mapping={name: name for name in header}
    )
    with _transaction() as db:
        return imports.import_file(db, actor, request, today=TODAY, now=NOW).run_id


def _undo(actor: "Actor", run_id: int) -> None:
    from app import imports  # noqa: PLC0415

    with _transaction() as db:
        imports.undo(db, actor, run_id=run_id, now=NOW)


def _check_search_text() -> None:
    """Compare every search text with a fresh one.

    Raises:
        RuntimeError: one differs.
    """
    from sqlalchemy import text  # noqa: PLC0415

    with _transaction() as db:
        if db.scalar(text(DIFFERENT)):
            msg = "A search text differs from a fresh one."
            raise RuntimeError(msg)


def _keep_ready_rows(run_id: int) -> None:
    for table in TABLES:
        _run(
            f"drop table if exists ready_{table}",
            f"create table ready_{table} as select * from {table} where import_run_id = {run_id}",
            f"analyze ready_{table}",
        )


def _insert_ready() -> None:
    """Insert the rows in one transaction, with the search text refreshed once at its end."""
    _run(
        "set constraints all deferred",
        *(f"insert into {table} select * from ready_{table}" for table in TABLES),
    )


if __name__ == "__main__":
    main()
