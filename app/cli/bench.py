"""The command bench: run the benchmarks in benchmarks/."""

import subprocess
import sys
from pkgutil import iter_modules

import typer

from app.kit.errors import InvalidError
from app.settings import ROOT


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
    name: str = typer.Argument("", help="One benchmark; left out, all of them."),
    json: bool = typer.Option(False, "--json", help="Print the figures as JSON."),  # noqa: FBT001
) -> None:
    """Run one benchmark or all of them; each prints a ratio against its limit."""
    modules = iter_modules([str(ROOT / "benchmarks")])
    names = sorted(module.name for module in modules if module.name != "support")
    if name and name not in names:
        msg = f"There is no benchmark called {name}. There are: {', '.join(names)}."
        raise InvalidError(msg)
    worst = 0
    for benchmark in [name] if name else names:
        command = [sys.executable, "-m", f"benchmarks.{benchmark}", *(["--json"] if json else [])]
        worst = max(worst, subprocess.run(command, check=False, cwd=ROOT).returncode)
    raise typer.Exit(worst)
