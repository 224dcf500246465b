"""Commands that start processes: serve (web only) and run (everything)."""

import errno
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app import accounts, demonstration_mode, file_rights, organisation_settings
from app.cli.processes.supervisor import SupervisedProcess, end_leftover_processes, write_pid_file
from app.db import migrate, schema_revision, transaction_for_system
from app.db.demonstration import adopt_older_demonstration
from app.db.embedded import server as embedded
from app.db.monitoring import pooling
from app.db.session import dispose
from app.kit.errors import ConfigurationError
from app.kit.garbage import without_collection
from app.settings import listen_on, settings

Host = Annotated[str | None, typer.Option(help="Address to listen on, instead of HOST.")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65_535, help="Port to listen on, instead of PORT.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(run)


def serve(host: Host = None, port: Port = None) -> None:
    """Start the web process only; start the scheduler with python -m jobs."""
    listen_on(host=host, port=port)
    require_free_port()
    chosen = settings()
    file_rights.repair_all(chosen.data_dir, backup_to=chosen.backup_to)
    pooling.check_connections()
    if not schema_revision.at_head():
        msg = "The database needs its migrations first. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    with without_collection():
        from app import web  # noqa: PLC0415 - Streamlit reads its settings at import

    # as a child of `run`, which prints the address itself, stdin is not a terminal
    if sys.stdin.isatty():
        typer.echo(f"DonorCRM is at {chosen.public_url}   (Ctrl-C stops it)")
    demonstration_mode.end_when_changed(chosen.data_dir, started_with=chosen.demonstration)
    web.run()


def run(host: Host = None, port: Port = None) -> None:
    """Start database, web and scheduler; the browser asks for what an empty database needs."""
    listen_on(host=host, port=port)
    run_all(adopt_older)


def run_all(prepare: Callable[[], None]) -> None:
    """Call `prepare` with the database running; then run web and scheduler until interrupted."""
    # HOST and PORT also hold for the children; line buffering keeps all output in order
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    chosen = settings()
    running = chosen.data_dir / "running.json"
    end_leftover_processes(running)
    require_free_port()
    file_rights.repair_all(chosen.data_dir, backup_to=chosen.backup_to)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes = [
        SupervisedProcess("The web process", ["app", "serve"]),
        SupervisedProcess("The scheduler", ["jobs"]),
    ]
    try:
        typer.echo("Starting the database ...")
        prepare()
        while True:
            greeting = _prepare_database()
            for process in processes:
                process.start()
            write_pid_file(running, processes)
            _restart_ended(processes, greeting, running)
            typer.echo("Switching the database ...")
            time.sleep(demonstration_mode.GRACE)
            for process in reversed(processes):
                process.stop()
            settings.cache_clear()
            dispose()
    except KeyboardInterrupt:
        typer.echo("\nStopping ...")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(processes):
            process.stop()
        _stop_database()
        running.unlink(missing_ok=True)
    typer.echo("Stopped. Your data is kept.")


def require_free_port() -> None:
    """Raise if the configured port is already in use.

    Raises:
        ConfigurationError: the address cannot be bound; the message says how to choose another.
    """
    host, port = settings().host, settings().port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"Port {port} is taken by another program. Stop that, or choose another port: "
                f"PORT={port + 1} make run"
                if error.errno == errno.EADDRINUSE
                else f"HOST={host} PORT={port} cannot be listened on: {error.strerror}."
            )
            raise ConfigurationError(msg) from error


def adopt_older() -> None:
    """Separate a demonstration of an earlier version from the organisation's database."""
    if not settings().embedded or settings().demonstration:
        return
    if adopt_older_demonstration():
        demonstration_mode.turn_on(settings().data_dir)
        settings.cache_clear()
        typer.echo("The demonstration has a database of its own now.")


def _prepare_database() -> str:
    """Run the migrations and return the greeting to print."""
    migrate.upgrade()
    lines = [f"\n  DonorCRM is at {settings().public_url}   (Ctrl-C stops it)\n"]
    with transaction_for_system() as db:
        nobody = accounts.has_no_users(db)
    if settings().demonstration:
        from app.demo import SIGN_INS  # noqa: PLC0415 - heavy, and only needed here

        lines.append("  Sign in with one of these (they exist in demo data only):")
        lines += [
            f"    {sign_in.email:22} {sign_in.role:12} password: {sign_in.password}"
            for sign_in in SIGN_INS
        ]
    elif nobody:
        code = organisation_settings.setup_code()
        lines.append(f"  Begin at {settings().public_url}/?setup_code={code}")
        lines.append(f"  or look around first. Your set-up code is {code}.")
    dispose()
    return "\n".join([*lines, ""])


def _restart_ended(processes: list[SupervisedProcess], greeting: str, running: Path) -> None:
    """Restart ended processes until the demonstration mode changes.

    Print the greeting once the web answers.
    """
    chosen = settings()
    while demonstration_mode.is_on(chosen.data_dir) == chosen.demonstration:
        if greeting and _web_answers():
            typer.echo(greeting)
            greeting = ""
        revived = [process for process in processes if process.revive()]
        if revived:
            write_pid_file(running, processes)
        time.sleep(0.2)


def _web_answers() -> bool:
    host = settings().host
    target = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not bound
    try:
        socket.create_connection((target, settings().port), timeout=1).close()
    except OSError:
        return False
    return True


def _stop_database() -> None:
    if settings().embedded:
        dispose()
        embedded.stop_if_unused(settings().data_dir / "postgres")
