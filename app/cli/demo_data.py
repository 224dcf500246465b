"""The command demo-data: generate demo data of any size."""

from datetime import UTC, datetime
from time import perf_counter
from zoneinfo import ZoneInfo

import typer

from app import accounts, demo
from app.db import transaction_for_system


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo-data")(demo_data)


def demo_data(
    donors: int = typer.Option(400, help="How many donors to add."),
    gifts: int = typer.Option(8_000, help="How many gifts to add."),
    seed: int = typer.Option(7, help="The same seed gives the same data."),
) -> None:
    """Add invented donors and gifts of the last six years, for trials and benchmarks."""
    with transaction_for_system() as db:
        now = datetime.now(UTC)
        today = now.astimezone(ZoneInfo(accounts.organisation(db).time_zone)).date()
        began = perf_counter()
        rows = demo.generate(db, donors=donors, gifts=gifts, seed=seed, today=today)
        added = perf_counter() - began
        demo.score_and_raise_alerts(db, today=today, now=now)
    typer.echo(
        f"Added {rows.donors:,} donors, {rows.pledges:,} pledges and {rows.gifts:,} gifts "
        f"in {added:.1f} s; scored in {perf_counter() - began - added:.1f} s."
    )
