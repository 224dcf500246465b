"""The command line interface: python -m app <command>."""

import sys

import typer

from app import file_rights
from app.cli.commands import LazyGroup
from app.kit.errors import DonorCrmError
from app.tracebacks import hook_uncaught, print_uncaught

__all__ = ["main"]


def build() -> typer.Typer:
    """Return the Typer application with all commands."""
    app = typer.Typer(
        name="python -m app",
        cls=LazyGroup,
        help="DonorCRM: who gave, who stopped, whom to thank, and how far to the goal.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)
    return app


def main() -> None:
    """Run a command; exit with 0 on success, 1 with an error message, 2 on wrong usage."""
    hook_uncaught()
    file_rights.make_private()
    try:
        build()()
    except DonorCrmError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
    except Exception as error:  # noqa: BLE001 - typer would print the error's message
        print_uncaught(error)
        raise SystemExit(1) from None
