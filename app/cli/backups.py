"""Commands for backups: backup, backup new-key, backup drill and restore."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import backups
from app.accounts import SYSTEM
from app.accounts.users import admin_notices
from app.db import elsewhere, transaction_for_system
from app.kit.formatting import count
from app.settings import settings

KEY = "Keep SECRET_KEY (or {}) apart from it: it opens kept uploads and second factors."
IDENTITY = typer.Option(help="The file with the private key; else BACKUP_IDENTITY_FILE.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(backup)
    group.command("new-key")(new_key)
    group.command("drill")(drill)
    app.add_typer(group, name="backup")
    app.command()(restore)


def _location(address: str) -> str:
    return address or settings().backup_to or str(settings().data_dir / "backups")


def backup(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option(help="A folder, or s3://bucket/folder; else BACKUP_TO, else var/backups."),
    ] = "",
) -> None:
    """Write the whole database to one file and verify it; subcommands: new-key and drill."""
    if context.invoked_subcommand is not None:
        return
    file, address = backups.back_up(_location(to), now=datetime.now(UTC))
    encrypted = " encrypted," if file.encrypted else ""
    typer.echo(
        f"{count(file.rows, 'row')} of {count(file.tables, 'table')} are in {address} "
        f"({file.bytes / 1e6:,.1f} MB),{encrypted} read again and whole. Uploaded files are not "
        "in it. " + KEY.format(settings().data_dir / "secret_key")
    )
    if file.audit.broken_lines:
        typer.echo(f"The audit log is broken. {file.audit.why}", err=True)


def new_key(
    file: Annotated[Path, typer.Argument(help="Where the private key is written.")],
) -> None:
    """Create a key pair for encrypted backups."""
    public = backups.new_key(file, now=datetime.now(UTC))
    typer.echo(public)
    typer.echo(
        f"Set BACKUP_RECIPIENTS={public} on the server, and keep {file} away from it: without "
        "this file nobody can restore the backups."
    )


def drill(
    location: Annotated[
        str,
        typer.Option("--from", help="Where the backups are; else BACKUP_TO, else var/backups."),
    ] = "",
    identity: Annotated[str, IDENTITY] = "",
) -> None:
    """Restore the newest backup into a separate database, compare it, and drop that database."""
    drilled = backups.drill(_location(location), now=datetime.now(UTC), identity=identity)
    typer.echo(drilled.sentence, err=drilled.failed)
    if drilled.failed:
        raise typer.Exit(1)


def restore(
    file: Annotated[str, typer.Argument(help="A backup: a file, or s3://bucket/folder/file.")],
    to: Annotated[str, typer.Option(help="Another database's address; else DATABASE_URL.")] = "",
    replace: Annotated[
        str, typer.Option(help="The name of the database whose contents are to go.")
    ] = "",
    identity: Annotated[str, IDENTITY] = "",
) -> None:
    """Restore a backup into an empty database and compare every row and sum."""
    with backups.local_copy(file) as path, elsewhere(to) if to else nullcontext():
        restored = backups.restore(path, now=datetime.now(UTC), replace=replace, identity=identity)
        with transaction_for_system() as db:
            admin_notices.restored(db, SYSTEM, made_at=restored.made_at, rows=restored.rows)
    typer.echo(
        f"Restored {count(restored.rows, 'row')} of {count(restored.tables, 'table')} as of "
        f"{restored.made_at}; every row and {count(restored.sums, 'sum')} of money are as they "
        "were. Everybody signs in again; mails that waited stand in the outbox as failed."
    )
    _print_notes(restored)


def move_database(address: str, data_dir: Path) -> None:
    """Move the database to another server and print the settings to change."""
    copied = backups.move(address, now=datetime.now(UTC), folder=data_dir / "backups")
    typer.echo(
        f"{count(copied.rows, 'row')} of {count(copied.tables, 'table')} are there; every row and "
        f"{count(copied.sums, 'sum')} of money are as they are here. The database here stays as "
        "it is. Now set in .env:\nDATABASE_URL=the address you gave"
    )
    if settings().embedded:
        typer.echo(f"SECRET_KEY=the line in {data_dir / 'secret_key'}")
    _print_notes(copied)


def _print_notes(restored: backups.Restored) -> None:
    for note in restored.notes:
        typer.echo(note, err=True)
