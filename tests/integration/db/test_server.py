"""The server of this run of the tests is the one that was asked for."""

import re
import subprocess

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.embedded import server as embedded
from tests import database as run
from tests.values import present


def test_the_version_is_that_of_the_programs(db: Session) -> None:
    programs = run.programs() or embedded.binaries()
    output = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    number = int(db.scalar(text("show server_version_num")))
    assert number // 10_000 == int(present(re.search(r"(\d+)\.", output))[1])


def test_connections_turn_off_the_compilation_of_plans(db: Session) -> None:
    """A server of one's own has it on by default; the settings of this one do not count."""
    row = db.execute(text("select setting, source from pg_settings where name = 'jit'")).one()
    assert tuple(row) == ("off", "client")
