"""Which modules a command imports: every heavy one costs a tenth of a second at each start."""

import subprocess
import sys

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from app.cli import build
from app.cli.commands import SUMMARIES, loaded
from app.settings import ROOT

SCREENS = {"streamlit", "plotly", "starlette", "fastapi"}
NUMBERS = {"numpy", "pandas", "pyarrow", "scipy"}
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
