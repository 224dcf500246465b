"""Command for the demonstration: demo."""

from typing import Annotated

import typer

from app import demo as demonstration
from app.cli.processes.run import Host, Port, adopt_older, run_all
from app.db.session import dispose
from app.settings import listen_on


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    host: Host = None,
    port: Port = None,
    load_only: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--load-only", help="Load it and switch to it; start nothing.")
    ] = False,
    leave: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option("--leave", help="Switch back to your own organisation.")
    ] = False,
) -> None:
    """Show the demonstration: start database, web and scheduler with a database of its own."""
    listen_on(host=host, port=port)
    if leave:
        demonstration.leave()
        typer.echo("Your own organisation is shown from the next start.")
    elif load_only:
        _enter_demonstration()
    else:
        run_all(_enter_demonstration)


def _enter_demonstration() -> None:
    adopt_older()
    if demonstration.enter():
        typer.echo("Loaded a demonstration organisation.")
    dispose()
