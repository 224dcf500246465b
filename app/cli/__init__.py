"""The command line interface: python -m app <command>."""

import sys

import typer

from app import file_rights
from app.cli import (
    audit,
    backups,
    bench,
    db,
    demo_data,
    export,
    figures,
    import_file,
    jobs,
    organisation,
    privacy,
    run,
    secret,
    users,
)
from app.cli.doctor import command as doctor
from app.kit.errors import DonorCrmError
from app.observability import hook_uncaught, print_uncaught

__all__ = ["main"]


def build() -> typer.Typer:
    """Return the Typer application with every command registered."""
    app = typer.Typer(
        name="python -m app",
        help="DonorCRM: who gave, who stopped, whom to thank, and how far to the goal.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in (
        run,
        db,
        users,
        organisation,
        import_file,
        export,
        figures,
        demo_data,
        jobs,
        audit,
        bench,
        doctor,
        privacy,
        backups,
        secret,
    ):
        group.register(app)
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
