"""Switching between the demonstration and the organisation's own database."""

from datetime import datetime

from app import accounts, demonstration_mode
from app.db import demonstration, elsewhere, migrate, schema_revision, transaction_for_system
from app.demo.service import load_if_empty
from app.kit.errors import ConflictError
from app.settings import settings


def enter(*, now: datetime | None = None) -> bool:
    """Show the demonstration from the next start of each process; return whether it was loaded.

    Its database is created, migrated and loaded first, unless it was before. Long-running
    processes notice the switch and end, so that they are started again.

    Raises:
        ConflictError: this installation has an organisation of its own.
        ConfigurationError: the database user may not create a database.
    """
    if not settings().demonstration:
        require_no_own_organisation()
    with elsewhere(demonstration.create_database()):
        migrate.upgrade()
        loaded = load_if_empty(now=now)
    demonstration_mode.turn_on(settings().data_dir)
    settings.cache_clear()
    return loaded


def leave() -> None:
    """Show the organisation's own database from the next start of each process.

    The demonstration keeps its database. Nothing is copied from one to the other.
    """
    own = demonstration.own_url().render_as_string(hide_password=False)
    with elsewhere(own):
        migrate.upgrade()
    demonstration_mode.turn_off(settings().data_dir)
    settings.cache_clear()


def require_no_own_organisation() -> None:
    """Require that the organisation's own database has no accounts.

    Raises:
        ConflictError: it has: the demonstration would take its place on every screen.
    """
    if not schema_revision.has_schema():
        return
    with transaction_for_system() as db:
        if accounts.has_no_users(db):
            return
        name = accounts.organisation(db).name
    msg = (
        f"This installation has an organisation of its own, {name}. Start a demonstration beside "
        "it with folders of its own: DATA_DIR=var2 PORT=8502 .venv/bin/python -m app demo"
    )
    raise ConflictError(msg)
