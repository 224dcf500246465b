"""The commands of the scheduler process: none, worker, list and run NAME."""

import sys
from typing import Annotated

import typer

from app import file_rights
from app.accounts import organisation
from app.db import transaction_for_system
from app.kit.errors import DonorCrmError
from app.tracebacks import hook_uncaught, print_uncaught
from jobs import clock, process
from jobs.schedule import line, run_line, timetable

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def both(context: typer.Context) -> None:
    """Run the scheduler and a worker for the queue until stopped."""
    # list and run print their result to stdout, so they log to stderr; the others log to stdout
    process.prepare(sys.stdout if context.invoked_subcommand in {None, "worker"} else sys.stderr)
    if context.invoked_subcommand is None:
        process.keep_time_and_work()


@app.command("worker")
def only_worker() -> None:
    """Run an additional worker for the queue, without the scheduler."""
    process.only_work()


@app.command("list")
def show() -> None:
    """List every job with its schedule and next run."""
    from jobs import slots  # noqa: PLC0415 - imports APScheduler

    with transaction_for_system() as db:
        zone = organisation(db).time_zone
    for entry in timetable():
        following = slots.following(entry, zone, now=clock.now())
        next_run = f"next {following:%Y-%m-%d %H:%M} UTC" if following else ""
        typer.echo(f"{entry.name:18} {entry.rhythm:32} {next_run}".rstrip())


@app.command("run")
def run(
    name: Annotated[str, typer.Argument(help="The job's name, as in the list.")],
    now: Annotated[str, typer.Option(help="Run it for this moment (ISO 8601, UTC).")] = "",
) -> None:
    """Run one job now, in this process, and print its result."""
    line(name)
    moment = clock.moment(now) if now else clock.now()
    typer.echo(run_line(name, clock.now(), now=moment))


def main() -> None:
    """Run a command; exit with 0 on success, 1 with an error message, 2 on wrong usage."""
    hook_uncaught()
    file_rights.make_private()
    try:
        app()
    except DonorCrmError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - typer would print the error's message
        print_uncaught(error)
        sys.exit(1)
