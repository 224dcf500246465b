"""Commands for people's rights over their data: privacy export."""

from pathlib import Path
from typing import Annotated

import typer

from app import exports
from app.accounts import actor_by_email
from app.db import transaction, transaction_for_system
from app.kit.words import count


def register(app: typer.Typer) -> None:
    """Add the group `privacy`."""
    group = typer.Typer(help="What a donor may ask for.", no_args_is_help=True)
    group.callback()(lambda: None)
    group.command("export")(export)
    app.add_typer(group, name="privacy")


def export(
    donor: Annotated[int, typer.Argument(help="The donor's number, as in the address.")],
    as_email: Annotated[str, typer.Option("--as", help="The administrator who asks.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")],
) -> None:
    """Write everything held about a donor to one zip, as JSON and CSV."""
    # a half-written file must not look like a whole one
    part = out.with_name(f"{out.name}.part")
    try:
        with transaction_for_system() as db:
            actor = actor_by_email(db, as_email)
        with transaction(actor) as db, part.open("wb") as file:
            rows = exports.write_subject(db, actor, donor_id=donor, out=file)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"Wrote {count(rows, 'record')} to {out}.")
