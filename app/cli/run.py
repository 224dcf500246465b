"""Commands that start things: serve (the web alone) and demo (everything)."""

import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import typer

from app.db import embedded, migrate
from app.db.session import dispose
from app.kit.errors import ConfigurationError
from app.settings import ROOT, settings

PATIENCE = 15
# Seconds before a process that ended is started again, doubled each time.
FIRST_WAIT, LONGEST_WAIT = 1, 60
WEB = [sys.executable, "-m", "app", "serve"]
SCHEDULER = [sys.executable, "-m", "jobs"]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(demo)


def serve() -> None:
    """Start the web process alone; the scheduler is started by python -m jobs."""
    _ = settings().signing_key
    require_free_port()
    if not migrate.at_head():
        msg = "The database needs its migrations first. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    from app.web import run  # noqa: PLC0415 - Streamlit reads its settings at import

    run()


def demo() -> None:
    """Start everything: database, web and scheduler; demo data when the database is empty."""
    require_free_port()
    typer.echo("Starting the database ...")
    migrate.upgrade()
    _fill()
    dispose()
    processes = [_Kept(WEB), _Kept(SCHEDULER)]
    for one in processes:
        one.start()
    typer.echo(f"\n  DonorCRM is at {settings().public_url}   (Ctrl-C stops it)\n")
    try:
        _watch(processes)
    finally:
        for one in reversed(processes):
            one.stop()
        _stop_database()
        typer.echo("Stopped. Your data is kept.")


def _fill() -> None:
    from app import demo as demonstration  # noqa: PLC0415 - heavy, and only needed here

    typer.echo("Looking for data ...")
    if demonstration.load_if_empty():
        typer.echo("Loaded a demonstration organisation.")
    if demonstration.is_loaded():
        typer.echo("\nSign in with one of these (demo data only):")
        for one in demonstration.SIGN_INS:
            typer.echo(f"  {one.email:24} {one.role:12} password: {one.password}")
    else:
        typer.echo(
            "Make an account with: .venv/bin/python -m app user create EMAIL --name N --role admin"
        )


def require_free_port() -> None:
    """Refuse to start where something else already listens.

    Raises:
        ConfigurationError: the port is taken; says how to choose another.
    """
    host, port = settings().host, settings().port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"Port {port} is in use, perhaps by an earlier DonorCRM. Stop it, or choose "
                f"another: PORT={port + 1} PUBLIC_URL=http://127.0.0.1:{port + 1} make run"
            )
            raise ConfigurationError(msg) from error


class _Kept:
    """A child process that is started again when it ends by itself."""

    def __init__(self, command: list[str]) -> None:
        self.command, self.wait, self.due = command, FIRST_WAIT, 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # a session of its own: Ctrl-C reaches us alone, and we stop the children in order
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def revive(self, now: float) -> None:
        if self.process is None:
            if now >= self.due:
                self.start()
        elif self.process.poll() is not None:
            name = self.command[2]
            typer.echo(f"{name} ended (code {self.process.returncode}); again in {self.wait} s.")
            self.process, self.due = None, now + self.wait
            self.wait = min(self.wait * 2, LONGEST_WAIT)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _watch(processes: list[_Kept]) -> None:
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    while not stopping:
        time.sleep(0.3)
        for one in processes:
            one.revive(time.monotonic())


def _stop_database() -> None:
    home = settings().data_dir / "postgres"
    if settings().embedded and not embedded.others_connected(home):
        embedded.stop(home)
