"""A click acts for the session as it is at the click, not as it was when the screen was drawn.

Every button of every screen, and every button of every dialog they open, is pressed after the
person was signed out, given another role, deactivated, or began to look as somebody else. Nothing
may be saved. The page files run without the frame, as a callback, a dialog and a fragment do.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app import accounts
from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Base
from app.exports import archive_download
from app.ui.base.screens import SCREENS, Screen
from tests import database as run
from tests.conftest import WORKER
from tests.pages.access.test_coach import make_team
from tests.pages.conftest import field, press
from tests.values import present

ROOT = Path(__file__).parents[3]
SAVED = f"team_{WORKER}"
STATES = {
    "signed out": "update session set revoked_at = now() where id = :session",
    "another role": "update app_user set role = 'coach' where id = :user",
    "deactivated": "update app_user set active = false where id = :user",
    "looking as another": "update session set viewing_id = :other where id = :session",
}
AGAIN = (
    "update session set revoked_at = null, viewing_id = null where id = :session",
    "update app_user set role = 'admin', active = true where id = :user",
)


@pytest.fixture(scope="module")
def saved_team(_template: None) -> Iterator[dict[str, Any]]:
    with run.clone(SAVED):
        team = make_team()
        run.use(run.NOWHERE)
        yield team


class Life:
    """An administrator's session whose state another process changes."""

    def __init__(self, team: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        with transaction_for_system() as db:
            self.session_id, _ = accounts.open_session(db, user_id=team["ada"].user_id, now=now)
            self.ada = accounts.session_actor(db, session_id=self.session_id, now=now)
        self.names = {
            "session": self.session_id,
            "user": present(self.ada).user_id,
            "other": team["sam"].user_id,
        }

    def becomes(self, state: str) -> None:
        with transaction_for_system() as db:
            db.execute(text(STATES[state]), self.names)

    def restore(self) -> None:
        with transaction_for_system() as db:
            for statement in AGAIN:
                db.execute(text(statement), self.names)


@pytest.fixture
def begin(saved_team: dict[str, Any]) -> Iterator[Callable[[], Life]]:
    """Open a session in a new copy of the team's database; each call replaces the copy."""
    with ExitStack() as copies:

        def open_session() -> Life:
            copies.enter_context(run.clone(f"own_{WORKER}", template=SAVED))
            return Life(saved_team)

        yield open_session


@pytest.fixture
def life(begin: Callable[[], Life]) -> Life:
    return begin()


EVERYTHING = text(
    " union all ".join(
        f"select '{table} ' || to_jsonb(t)::text from {table} t" for table in Base.metadata.tables
    )
)


def everything() -> list[str]:
    """Every row of every table."""
    with transaction_for_system() as db:
        return sorted(db.scalars(EVERYTHING))


def buttons(page: AppTest) -> list[str]:
    """The buttons of a page or an open dialog, one of each label."""
    return list(dict.fromkeys(button.label for button in page.button if not button.disabled))


@dataclass
class Visit:
    """A screen and the session that draws it."""

    draw: Callable[[Actor | None], AppTest]
    begin: Callable[[], Life]
    life: Life

    def drawn(self, *pressed: str) -> AppTest:
        """Draw the screen while the session is valid, and press these buttons of it."""
        self.life.restore()
        page = self.draw(self.life.ada)
        assert not page.exception
        for label in pressed:
            if label in buttons(page):
                press(page, label)
        # the archive of everything is made by another thread, which records it
        archive_download.POOL.submit(int).result()
        return page

    def too_late(self, label: str, state: str, *pressed: str) -> None:
        """Press a button after the session changed: nothing is saved."""
        page = self.drawn(*pressed)
        if label not in buttons(page):
            # an act tried before was the last of its kind
            self.life = self.begin()
            page = self.drawn(*pressed)
        # or it appears only after another act
        if label in buttons(page):
            self.life.becomes(state)
            rows_before = everything()
            press(page, label)
            assert everything() == rows_before, (label, state)


@pytest.mark.parametrize("entry", SCREENS, ids=lambda entry: entry.file)
def test_no_button_acts_after_the_session_changed(
    saved_team: dict[str, Any],
    begin: Callable[[], Life],
    screen: Callable[..., AppTest],
    entry: Screen,
) -> None:
    query = {"id": str(saved_team["coached"])} if entry.file == "donor" else {}
    visit = Visit(lambda actor: screen(entry.file, actor, **query), begin, begin())
    at_first = buttons(visit.drawn())
    for label in at_first:
        for state in STATES:
            visit.too_late(label, state)
        before = {*at_first, *buttons(visit.drawn())}
        for inside in buttons(visit.drawn(label)):
            if inside not in before:
                for state in STATES:
                    visit.too_late(inside, state, label)


@pytest.mark.parametrize("state", STATES)
def test_an_open_dialog_creates_no_administrator(
    life: Life, screen: Callable[..., AppTest], state: str
) -> None:
    page = press(screen("people", life.ada), "Add a person")
    field(page, "new_person_name").set_value("Mallory")
    field(page, "new_person_email").set_value("mallory@example.org")
    field(page, "new_person_role").set_value("admin")
    life.becomes(state)
    page = press(page, "Add person")
    assert page.exception
    with transaction_for_system() as db:
        assert not db.scalar(text("select count(*) from app_user where name = 'Mallory'"))


# before anybody is signed in there is no session to act for
BEFORE_SIGNING_IN = {
    ROOT / "app" / "ui" / "signin" / name
    for name in ("demonstration.py", "form.py", "mfa_prompt.py", "oidc.py", "setup_form.py")
}


def transactions(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the arguments of every transaction a file opens."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id.startswith("transaction"):
            yield node.func.id, [ast.unparse(argument) for argument in node.args]


def test_every_transaction_of_a_screen_names_who_acts() -> None:
    transaction_count = 0
    assert all(file.exists() for file in BEFORE_SIGNING_IN)
    for file in (*ROOT.glob("pages/**/*.py"), *ROOT.glob("app/ui/**/*.py")):
        for name, arguments in transactions(file):
            transaction_count += 1
            if file not in BEFORE_SIGNING_IN:
                assert arguments in (["actor"], ["current_actor()"]), (file.name, name, arguments)
    assert transaction_count > 60
