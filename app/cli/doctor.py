"""The command doctor: find what is set up wrong and say how to mend it."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path

import typer
from sqlalchemy.exc import SQLAlchemyError

from app.db import migrate, transaction_for_system, walls
from app.db.health import report
from app.kit.errors import DonorCrmError
from app.settings import Settings, settings

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LEAST_DISK = 500_000_000
OLD_HEARTBEAT = 60


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor() -> None:
    """Check the settings, the database, the scheduler, the mail and the disk."""
    # without settings every check would say the same; main() turns the refusal into a sentence
    settings()
    wrong = 0
    for name, check in CHECKS.items():
        problems = _asked(check)
        wrong += len(problems)
        for problem in problems or ["good"]:
            typer.echo(f"{name}: {problem}")
    raise typer.Exit(1 if wrong else 0)


def _asked(check: Callable[[], Iterator[str]]) -> list[str]:
    try:
        return list(check())
    except (DonorCrmError, SQLAlchemyError, OSError) as error:
        return [str(error).splitlines()[0]]


def _python() -> Iterator[str]:
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        yield (
            f"This is Python {sys.version_info[0]}.{sys.version_info[1]}. DonorCRM needs 3.11, "
            "3.12 or 3.13: install one, then run make clean and make run."
        )


def _settings() -> Iterator[str]:
    known = {name.upper() for name in Settings.model_fields}
    for name in sorted(_named_in_file() - known):
        near = "".join(f" Is {other} meant?" for other in get_close_matches(name, known, 1))
        yield f".env names {name}, which is no setting.{near}"


def _named_in_file() -> set[str]:
    file = Settings.model_config.get("env_file")
    if not isinstance(file, Path) or not file.exists():
        return set()
    return set(re.findall(r"^(?:export )?([A-Z_]+)=", file.read_text("utf-8"), re.MULTILINE))


def _safety() -> Iterator[str]:
    if settings().debug and not settings().embedded:
        yield "DEBUG is on with a server's database. Turn it off where people work."
    if not settings().secure and settings().host not in {"127.0.0.1", "localhost"}:
        yield "PUBLIC_URL has no https:// while others can reach HOST. Put TLS in front."


def _database() -> Iterator[str]:
    if not migrate.at_head():
        yield "Migrations are missing. Run: python -m app db upgrade"
        return
    with transaction_for_system() as db:
        wall = walls.problem(db)
    if wall:
        yield wall


def _scheduler() -> Iterator[str]:
    with transaction_for_system() as db:
        age = report(db).heartbeat_age_seconds
    if age is None:
        yield "No scheduler has ever run here. Start one: python -m jobs"
    elif age > OLD_HEARTBEAT:
        yield f"The scheduler was last alive {age:.0f} seconds ago. Start it: python -m jobs"


def _mail() -> Iterator[str]:
    chosen = settings()
    if chosen.email_backend == "smtp" and "@localhost" in chosen.email_from:
        yield "EMAIL_FROM is still the default; mail servers will refuse it."
    if chosen.email_backend == "console" and not chosen.embedded:
        yield "EMAIL_BACKEND is console: mails are printed, not sent. Set it to smtp."
    with transaction_for_system() as db:
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
    "Safety": _safety,
    "Database": _database,
    "Scheduler": _scheduler,
    "E-mail": _mail,
    "Disk": _disk,
}
