"""The commands user role and user deactivate: what they do, and the last administrator."""

from datetime import UTC, datetime

import pytest
import typer
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from app import accounts, goals
from app.accounts import Actor
from app.cli import users as commands
from app.db import transaction_for_system
from app.kit.money import Money
from tests import factories as make

ONLY = "This person is the only administrator who can sign in."


def call(*words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    return CliRunner().invoke(app, ["user", *words])


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada")


def roles() -> dict[str, tuple[str, bool]]:
    with transaction_for_system() as db:
        return {
            line.name: (line.role, line.active)
            for line in accounts.list_users(db, accounts.SYSTEM)
        }


def test_the_only_administrator_stays(ada: Actor) -> None:
    for words in (("deactivate", ada.email), ("role", ada.email, "finance")):
        refused = call(*words)
        assert refused.exit_code != 0
        assert ONLY in str(refused.exception)
    assert roles() == {"Ada": ("admin", True)}


def test_another_role_and_the_end_of_an_account(ada: Actor) -> None:
    with transaction_for_system() as db:
        ruth = make.person(db, name="Ruth", goal="30")
        mei = make.person(db, name="Mei", goal="50")
        make.donor(db, ruth)
    assert call("role", ruth.email, "read_only").output == "Ruth is now read only.\n"
    assert "no role called" in str(call("role", ruth.email, "king").exception)
    done = call("deactivate", ruth.email, "--hand-to", mei.email, "--with-goal")
    assert "1 donor and 0 open tasks handed to" in done.output, done.exception
    assert roles()["Ruth"] == ("read_only", False)
    with transaction_for_system() as db:
        today = datetime.now(UTC).date()
        assert goals.own_goal(db, mei, today=today) == Money.of("80", "USD")
    assert "No active account" in str(call("deactivate", "nobody@example.org").exception)
