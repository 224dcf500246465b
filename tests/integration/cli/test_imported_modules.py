"""Which modules a command imports: every heavy one costs a tenth of a second at each start."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import URL
from typer.core import TyperGroup
from typer.main import get_command

from app.cli import build
from app.cli.commands import SUMMARIES, loaded
from app.db import transaction_for_system
from app.settings import ROOT
from tests import factories as make

SCREENS = {"streamlit", "plotly", "starlette", "fastapi"}
NUMBERS = {"numpy", "pandas", "pyarrow", "scipy"}
# what belongs to no command that reads or writes a few rows
RARE = SCREENS | NUMBERS | {"procrastinate", "psycopg", "apscheduler", "sentry_sdk", "zxcvbn"}
# with the list of all modules that were imported as the last line on stderr
RUN = """
import runpy, sys
sys.argv[0] = sys.argv[1]
try:
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
except SystemExit as ended:
    code = ended.code
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def imported(*words: str) -> set[str]:
    """Return the modules in memory at the end of `python -m …`."""
    process = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(process.stderr.splitlines()[-1].split())


def test_the_help_imports_neither_the_database_nor_a_command() -> None:
    modules = imported("app", "--help")
    assert "app.cli.commands" in modules
    assert not modules & (SCREENS | NUMBERS | {"sqlalchemy", "pydantic", "alembic"})
    assert not {f"app.cli.{each.module}" for each in SUMMARIES.values()} & modules
    # a handful of own modules beside typer with its own
    assert len({name for name in modules if name.startswith("app")}) < 12


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_list_of_commands_says_of_each_what_its_own_help_says(name: str) -> None:
    group = get_command(build())
    assert isinstance(group, TyperGroup)
    first_paragraph = (group.commands[name].help or "").partition("\n\n")[0]
    assert SUMMARIES[name].line == " ".join(first_paragraph.split())


def test_every_command_of_a_module_is_in_the_list() -> None:
    modules = {each.module for each in SUMMARIES.values()}
    assert {name for module in modules for name in loaded(module)} == set(SUMMARIES)


@pytest.mark.parametrize(
    "command",
    [
        "organisation show",
        "db check",
        "user list",
        "rate list",
        "audit verify",
        "audit seal",
    ],
)
def test_a_command_of_the_database_imports_no_numbers_and_no_screens(
    database: URL, command: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
    modules = imported("app", *command.split())
    assert "sqlalchemy.orm" in modules
    assert not modules & RARE
    # only what compares or changes the schema
    assert ("alembic" in modules) == (command == "db check")


def test_a_job_run_by_hand_imports_neither_the_queue_nor_the_other_jobs(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
    modules = imported("jobs", "run", "late_pledges")
    assert "jobs.tasks.late_pledges" in modules
    assert not modules & (RARE | {"alembic"})
    assert not modules & {f"jobs.tasks.{name}" for name in ("imports", "backup", "at_risk")}


def test_the_web_process_imports_neither_alembic_nor_the_queue() -> None:
    script = "import json, sys, app.web; print(json.dumps([*sys.modules]))"
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(json.loads(process.stdout.splitlines()[-1]))
    assert "streamlit" in modules
    assert not modules & {
        "alembic",
        "procrastinate",
        "apscheduler",
        "sentry_sdk",
        "plotly.express",
    }
