"""The command line interface: python -m app <command>."""

import sys
from importlib import import_module

import typer

from app import file_rights
from app.kit.errors import DonorCrmError
from app.kit.garbage import without_collection
from app.observability import hook_uncaught, print_uncaught

__all__ = ["main"]

# importing all of them takes seconds: a command imports its own module alone
MODULES = {
    "serve": "processes.run",
    "run": "processes.run",
    "demo": "processes.demo",
    "setup": "setup",
    "db": "db",
    "user": "users",
    "organisation": "settings.organisation",
    "rate": "settings.exchange_rates",
    "import": "import_file",
    "import-undo": "import_file",
    "export": "export",
    "figures": "figures",
    "demo-data": "demo_data",
    "jobs": "jobs",
    "audit": "audit",
    "bench": "bench",
    "doctor": "doctor.command",
    "privacy": "privacy",
    "backup": "backups",
    "restore": "backups",
    "secret": "secret",
}


def build(command: str = "") -> typer.Typer:
    """Return the Typer application with one command, or with all of them if there is no such."""
    app = typer.Typer(
        name="python -m app",
        help="DonorCRM: who gave, who stopped, whom to thank, and how far to the goal.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # with a callback a single command is still called by its name
    app.callback()(lambda: None)
    names = [MODULES[command]] if command in MODULES else dict.fromkeys(MODULES.values())
    with without_collection():
        for name in names:
            import_module(f"app.cli.{name}").register(app)
    return app


def main() -> None:
    """Run a command; exit with 0 on success, 1 with an error message, 2 on wrong usage."""
    hook_uncaught()
    file_rights.make_private()
    try:
        build(*sys.argv[1:2])()
    except DonorCrmError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
    except Exception as error:  # noqa: BLE001 - typer would print the error's message
        print_uncaught(error)
        raise SystemExit(1) from None
