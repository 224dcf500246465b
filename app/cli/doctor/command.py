"""The command doctor: find configuration problems and print how to fix them."""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

import typer
from sentry_sdk.utils import BadDsn, Dsn
from sqlalchemy.exc import SQLAlchemyError

from app.cli import secret
from app.cli.doctor import backups, external
from app.db import schema_revision, transaction_for_system
from app.db.monitoring import pooling
from app.db.monitoring.health import ALIVE_SECONDS, report
from app.db.monitoring.vitals import clock, machine
from app.db.security import row_level_security
from app.kit.errors import DonorCrmError
from app.settings import Settings, settings

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LEAST_DISK = 500_000_000
# connections left free for administration of the database server
SPARE_CONNECTIONS = 5
MOST_APART = 60
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
TOKENS = {"METRICS_TOKEN": 24, "BOUNCE_TOKEN": 32}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor() -> None:
    """Check the settings, database, scheduler, mail and disk; exit 1 if there is a problem.

    A warning alone does not change the exit code.
    """
    # without valid settings every check would fail alike; main() prints the error instead
    settings()
    wrong = 0
    for name, check in CHECKS.items():
        problems = _problems_of(check)
        for problem in problems or ["good"]:
            warned = isinstance(problem, backups.MinorProblem)
            wrong += bool(problems) and not warned
            typer.echo(f"{name}: {'warning: ' if warned else ''}{problem}")
    raise typer.Exit(1 if wrong else 0)


def _problems_of(check: Callable[[], Iterator[str]]) -> list[str]:
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
    names = {name.upper() for name in Settings.model_fields}
    for name in sorted(_names_in_file() - names):
        near = "".join(f" Is {similar} meant?" for similar in get_close_matches(name, names, 1))
        yield f".env names {name}, which is no setting.{near}"


def _names_in_file() -> set[str]:
    file = Settings.model_config.get("env_file")
    if not isinstance(file, Path) or not file.exists():
        return set()
    return set(re.findall(r"^(?:export )?([A-Z_]+)=", file.read_text("utf-8"), re.MULTILINE))


def _safety() -> Iterator[str]:
    if settings().debug and not settings().embedded:
        yield "DEBUG is on with a server's database. Turn it off where people work."
    if not settings().secure and settings().host not in LOOPBACK:
        yield "PUBLIC_URL has no https:// while others can reach HOST. Put TLS in front."
    if "*" in settings().forwarded_allow_ips and settings().host not in LOOPBACK:
        yield (
            "FORWARDED_ALLOW_IPS believes everybody while others can reach HOST: whoever calls "
            "may say who they are. Name the proxies in front."
        )


def _addresses() -> Iterator[str]:
    config = settings()
    public = urlsplit(config.public_url)
    if public.scheme not in {"http", "https"} or not public.hostname:
        yield (
            f"PUBLIC_URL is “{config.public_url}”, which is no address. Write it as "
            "https://crm.example.org: links in mails begin with it."
        )
    elif config.allowed_hosts and public.hostname not in config.allowed_hosts:
        yield (
            f"ALLOWED_HOSTS leaves out {public.hostname}, where PUBLIC_URL sends people: nobody "
            "gets in. Add it there."
        )
    if config.sentry_dsn:
        try:
            Dsn(config.sentry_dsn)
        except BadDsn:
            yield "SENTRY_DSN is not a valid Sentry DSN. Copy it again from Sentry."


def _tokens() -> Iterator[str]:
    for name, least in TOKENS.items():
        value = getattr(settings(), name.lower())
        if value and len(value) < least:
            yield f"{name} can be guessed. Make it {least} characters or longer."


def _pool() -> Iterator[str]:
    config = settings()
    if not config.statement_timeout_ms:
        yield "STATEMENT_TIMEOUT_MS is 0: one statement may hold everybody up. Set it to 15000."
    with transaction_for_system() as db:
        server, database_time = machine(db), clock(db)
    connections = config.db_pool_size + config.db_max_overflow
    if connections > server.most_connections - SPARE_CONNECTIONS:
        yield (
            f"DB_POOL_SIZE and DB_MAX_OVERFLOW allow {connections} connections, the server only "
            f"{server.most_connections}. Lower them, or raise max_connections."
        )
    apart = abs((datetime.now(UTC) - database_time).total_seconds())
    if apart > MOST_APART:
        yield (
            f"The clocks here and in the database are {apart:.0f} seconds apart. Sessions and "
            "codes end too early or too late: set both by the network's time."
        )


def _database() -> Iterator[str]:
    if not schema_revision.at_head():
        yield "Migrations are missing. Run: python -m app db upgrade"
        return
    with transaction_for_system() as db:
        wall = row_level_security.problem(db)
    if wall:
        yield wall
    pooling.check_connections()
    if not settings().embedded and (ignored := pooling.ignored_limits()):
        yield ignored


def _scheduler() -> Iterator[str]:
    with transaction_for_system() as db:
        age = report(db).heartbeat_age_seconds
    if age is None:
        yield "No scheduler has ever run here. Start one: python -m jobs"
    elif age > ALIVE_SECONDS:
        yield f"The scheduler was last alive {age:.0f} seconds ago. Start it: python -m jobs"


def _disk() -> Iterator[str]:
    folder = settings().data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield f"Files cannot be written to {folder}: {error.strerror}."
        return
    free = shutil.disk_usage(settings().data_dir).free
    if free < LEAST_DISK:
        yield f"Only {free // 1_000_000} MB are free in DATA_DIR."


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "Python": _python,
    "Settings": _settings,
    "Addresses": _addresses,
    "Tokens": _tokens,
    "Safety": _safety,
    "Database": _database,
    "Keys": secret.problems,
    "Connections": _pool,
    "Scheduler": _scheduler,
    **external.CHECKS,
    **backups.CHECKS,
    "Disk": _disk,
}
