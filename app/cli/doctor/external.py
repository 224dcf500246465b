"""The doctor's checks of external services: read replica, Redis, mail, OIDC, backup storage."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from app import backups, cache, mail
from app.db import job_runs, replica, transaction_for_system
from app.db.monitoring.health import report
from app.kit.errors import ConfigurationError
from app.settings import settings

TIMEOUT_SECONDS = 5
DISCOVERY = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def _replica() -> Iterator[str]:
    status = replica.replica_status()
    if status is not None and status.lag.trouble is not None:
        yield (
            f"DATABASE_READ_URL is not used: {status.lag.trouble} Until it is, all is read from "
            "the primary."
        )


def _redis() -> Iterator[str]:
    if cache.reachable() is False:
        yield (
            "REDIS_URL does not answer. Each web process counts for itself until it does; start "
            "it, or leave REDIS_URL empty."
        )


def _mail() -> Iterator[str]:
    config = settings()
    if config.email_backend == "smtp" and "@localhost" in config.email_from:
        yield "EMAIL_FROM is still the default; mail servers will refuse it."
    with transaction_for_system() as db:
        route = mail.current_route(db)
    if route.backend == "console" and not config.embedded:
        yield "Mails are printed, not sent: set a mail server in Organisation, or EMAIL_BACKEND."
    problem = mail.delivery_problem(route)
    if problem:
        yield f"{problem.rstrip('.')}. Check EMAIL_HOST, EMAIL_PORT and who signs in there."
    if config.email_bounces_to and not config.bounce_token:
        yield (
            "EMAIL_BOUNCES_TO is set, but nobody may report what came back: set BOUNCE_TOKEN, "
            "and let the provider post there."
        )
    with transaction_for_system() as db:
        vitals = report(db)
    if vitals.failed_mails:
        yield f"{vitals.failed_mails} e-mails failed for good. See Outbox in the app."


def _provider() -> Iterator[str]:
    config = settings()
    if not config.oidc:
        return
    address = config.oidc_metadata_url
    if urlsplit(address).scheme not in {"http", "https"} or not address.endswith(DISCOVERY):
        yield f"OIDC_METADATA_URL has to end with {DISCOVERY}."
        return
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            metadata = json.load(response)
    except (OSError, ValueError):
        yield "OIDC_METADATA_URL does not answer: nobody can sign in that way now."
        return
    if not isinstance(metadata, dict) or not all(metadata.get(name) for name in NEEDED):
        yield "OIDC_METADATA_URL answers, but not as a provider of sign-ins does."


def _backups() -> Iterator[str]:
    config = settings()
    if not config.backup_to:
        # an embedded database with demo data on a laptop needs no backup
        if not config.embedded:
            yield "No backup is made. Set BACKUP_TO to a folder on another disk, or to a bucket."
        return
    if Path(config.backup_to).expanduser().absolute().is_relative_to(config.data_dir):
        yield "BACKUP_TO lies in DATA_DIR: a disk that breaks takes both. Choose another place."
    try:
        backups.try_out(config.backup_to)
    except ConfigurationError as error:
        yield str(error)
    except OSError as error:
        yield f"Backups cannot be written to {config.backup_to}: {error.strerror}."
    with transaction_for_system() as db:
        nightly, status = job_runs.last(db, "backup"), backups.status(db)
    made_at = backups.made_at(status, nightly)
    if problem := backups.failure(status, nightly):
        yield f"The last backup failed: {problem}"
    elif made_at is not None and datetime.now(UTC) - made_at > backups.OLD_BACKUP:
        yield "The last backup is more than two days old. See Jobs in the app."


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "Read replica": _replica,
    "Redis": _redis,
    "E-mail": _mail,
    "Sign-in": _provider,
    "Backups": _backups,
}
