"""The commands backup and restore."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import backups
from app.accounts import SYSTEM, notices
from app.db import elsewhere, transaction_for_system
from app.kit.words import count
from app.settings import settings

KEY = "Keep SECRET_KEY (or {}) apart from it: it opens kept uploads and second factors."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    to: Annotated[
        str,
        typer.Option(help="A folder, or s3://bucket/folder; else BACKUP_TO, else var/backups."),
    ] = "",
) -> None:
    """Write the whole database into one file, checked after writing."""
    place = to or settings().backup_to or str(settings().data_dir / "backups")
    now = datetime.now(UTC)
    made = backups.make(settings().data_dir / "backups" / backups.file_name(now), now=now)
    address = backups.put(made.path, place)
    if address.startswith("s3:"):
        made.path.unlink()
    typer.echo(
        f"{count(made.rows, 'row')} of {count(made.tables, 'table')} are in {address} "
        f"({made.bytes / 1e6:,.1f} MB), read again and whole. Uploaded files are not in it. "
        + KEY.format(settings().data_dir / "secret_key")
    )


def restore(
    file: Annotated[str, typer.Argument(help="A backup: a file, or s3://bucket/folder/file.")],
    to: Annotated[str, typer.Option(help="Another database's address; else DATABASE_URL.")] = "",
    replace: Annotated[
        str, typer.Option(help="The name of the database whose contents are to go.")
    ] = "",
) -> None:
    """Take a backup into an empty database, and compare every row and sum."""
    with backups.taken(file) as path, elsewhere(to) if to else nullcontext():
        done = backups.restore(path, now=datetime.now(UTC), replace=replace)
        with transaction_for_system() as db:
            notices.restored(db, SYSTEM, made_at=done.made_at, rows=done.rows)
    typer.echo(
        f"Restored {count(done.rows, 'row')} of {count(done.tables, 'table')} as of "
        f"{done.made_at}; every row and {count(done.sums, 'sum')} of money are as they were. "
        "Everybody signs in again; mails that waited stand in the outbox as failed."
    )


def moved(address: str, data_dir: Path) -> None:
    """Move to another server and say what to set."""
    done = backups.move(address, now=datetime.now(UTC), folder=data_dir / "backups")
    typer.echo(
        f"{count(done.rows, 'row')} of {count(done.tables, 'table')} are there; every row and "
        f"{count(done.sums, 'sum')} of money are as they are here. The database here stays as it "
        "is. Now set in .env:\nDATABASE_URL=the address you gave"
    )
    if settings().embedded:
        typer.echo(f"SECRET_KEY=the line in {data_dir / 'secret_key'}")
