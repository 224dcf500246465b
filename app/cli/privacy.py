"""Commands for data subject rights: privacy export and privacy erase."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app import exports, privacy
from app.accounts import actor_by_email
from app.db import transaction, transaction_for_system
from app.kit.formatting import count


def register(app: typer.Typer) -> None:
    """Add the command group `privacy`."""
    group = typer.Typer(help="What a donor may ask for.", no_args_is_help=True)
    group.command("export")(export)
    group.command("erase")(erase)
    app.add_typer(group, name="privacy")


def export(
    donor: Annotated[int, typer.Argument(help="The donor's number, as in the address.")],
    as_email: Annotated[str, typer.Option("--as", help="The administrator who asks.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
) -> None:
    """Write all data held about a donor to one zip file, as JSON and CSV."""
    # an incomplete file must not look like a complete one
    partial_file = out.with_name(f"{out.name}.part")
    try:
        with transaction_for_system() as db:
            actor = actor_by_email(db, as_email)
        with transaction(actor) as db, partial_file.open("wb") as file:
            rows = exports.write_subject(db, actor, donor_id=donor, out=file)
        partial_file.replace(out)
    finally:
        partial_file.unlink(missing_ok=True)
    typer.echo(f"Wrote {count(rows, 'record')} to {out}.")


def erase(
    donor: Annotated[int, typer.Argument(help="The donor's number, as in the address.")],
    as_email: Annotated[str, typer.Option("--as", help="The administrator who asks.")],
    name: Annotated[str, typer.Option(help="The donor's name, to be sure. No way back.")],
) -> None:
    """Erase a person's data; the gifts keep their amounts under a donor without a name."""
    with transaction_for_system() as db:
        actor = actor_by_email(db, as_email)
        erasure = privacy.erase(db, actor, donor_id=donor, name=name, now=datetime.now(UTC))
    reached = f"{count(erasure.texts, 'text')} and {count(erasure.files, 'file')}"
    typer.echo(f"The person is erased, also from {reached} about others.")
