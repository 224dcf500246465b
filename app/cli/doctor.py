"""The command doctor: find what is set up wrong and say how to mend it."""

import shutil
import sys
from collections.abc import Callable, Iterator

import typer
from sqlalchemy.exc import SQLAlchemyError

from app.db import migrate, transaction
from app.db.health import report
from app.kit.errors import DonorCrmError
from app.settings import settings

LEAST_DISK = 500_000_000
OLD_HEARTBEAT = 60


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor() -> None:
    """Check the settings, the database, the scheduler, the mail and the disk."""
    wrong = 0
    for name, check in CHECKS.items():
        try:
            problems = list(check())
        except (DonorCrmError, SQLAlchemyError, OSError) as error:
            problems = [str(error).splitlines()[0]]
        wrong += len(problems)
        for problem in problems or ["good"]:
            typer.echo(f"{name}: {problem}")
    raise typer.Exit(1 if wrong else 0)


def _python() -> Iterator[str]:
    if sys.version_info < (3, 11):  # noqa: UP036
        yield "Python 3.11 or newer is needed."


def _settings() -> Iterator[str]:
    _ = settings().signing_key
    if settings().debug and not settings().embedded:
        yield "DEBUG is on with a server's database. Turn it off where people work."
    if not settings().secure and settings().host not in {"127.0.0.1", "localhost"}:
        yield "PUBLIC_URL has no https:// while others can reach HOST. Put TLS in front."


def _database() -> Iterator[str]:
    if not migrate.at_head():
        yield "Migrations are missing. Run: python -m app db upgrade"


def _scheduler() -> Iterator[str]:
    with transaction() as db:
        age = report(db).heartbeat_age_seconds
    if age is None:
        yield "No scheduler has ever run here. Start one: python -m jobs"
    elif age > OLD_HEARTBEAT:
        yield f"The scheduler was last alive {age:.0f} seconds ago. Start it: python -m jobs"


def _mail() -> Iterator[str]:
    chosen = settings()
    if chosen.email_backend == "smtp" and chosen.email_from.endswith("@localhost>"):
        yield "EMAIL_FROM is still the default; servers will refuse it."
    with transaction() as db:
        found = report(db)
    if found.failed_mails:
        yield f"{found.failed_mails} e-mails failed for good. See Outbox in the app."


def _disk() -> Iterator[str]:
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings().data_dir).free
    if free < LEAST_DISK:
        yield f"Only {free // 1_000_000} MB are free in DATA_DIR."


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "Python": _python,
    "Settings": _settings,
    "Database": _database,
    "Scheduler": _scheduler,
    "E-mail": _mail,
    "Disk": _disk,
}
