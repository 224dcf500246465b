"""The command demo: load the demonstration, switch to it, and leave it."""

from collections.abc import Iterator

import pytest
import typer
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from app import demonstration_mode
from app.cli.processes import demo
from app.db import transaction_for_system
from app.db.session import demonstration_url, dispose
from app.settings import settings
from tests import database as run
from tests import factories as make


@pytest.fixture
def own(database: URL) -> Iterator[URL]:
    """An organisation's own database; the demonstration's is dropped afterwards."""
    yield database
    dispose()
    run.admin(f'drop database if exists "{demonstration_url(database).database}" with (force)')


def call(option: str) -> Result:
    commands = typer.Typer()
    commands.callback()(lambda: None)
    demo.register(commands)
    return CliRunner().invoke(commands, ["demo", option])


def test_load_and_leave(own: URL) -> None:
    done = call("--load-only")
    assert (done.exit_code, done.output) == (0, "Loaded a demonstration organisation.\n")
    assert demonstration_mode.is_on(settings().data_dir)
    assert call("--load-only").output == "", "it is loaded once"
    done = call("--leave")
    assert done.output == "Your own organisation is shown from the next start.\n"
    assert not demonstration_mode.is_on(settings().data_dir)


def test_an_own_organisation_is_named(own: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db, name="Verein Leuchtturm")
        make.person(db, role="admin")
    done = call("--load-only")
    assert "has an organisation of its own, Verein Leuchtturm" in str(done.exception)
