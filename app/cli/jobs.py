"""Commands for scheduled jobs, jobs list and jobs run; they start `python -m jobs`."""

import subprocess
import sys

import typer


def register(app: typer.Typer) -> None:
    """Add the command group `jobs`."""
    group = typer.Typer(
        help="Look at the timetable or run one of its lines.", no_args_is_help=True
    )
    group.command("list")(list_jobs)
    group.command("run")(run_job)
    app.add_typer(group, name="jobs")


def list_jobs() -> None:
    """List every job with its schedule and next run."""
    _run_jobs_module("list")


def run_job(
    name: str,
    now: str = typer.Option("", help="The moment to run it for, as ISO 8601; default: now."),
) -> None:
    """Run one job in the foreground and print its result."""
    _run_jobs_module("run", name, *(("--now", now) if now else ()))


def _run_jobs_module(*arguments: str) -> None:
    process = subprocess.run([sys.executable, "-m", "jobs", *arguments], check=False)
    raise typer.Exit(process.returncode)
