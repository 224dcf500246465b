"""What is empty says what to do next, or that all is well."""

import ast
import re
from collections.abc import Callable

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.ui.base.screens import PAGES_FOLDER
from app.ui.help import guide
from tests import factories as make

ROOT = PAGES_FOLDER.parent
SAYERS = {"show_empty", "info", "caption", "write"}
EMPTY = re.compile(r"(No|Not|Nothing|Nobody|There (is|are) no)\b")
# what a person can do, or what will be there by itself
STEP = re.compile(
    r"“|administrator|buttons? above|\b(Import|Add|Choose|Clear|Download|Remove|Try|Type|Create)\b"
    r"|\b(is|are) (listed|shown|recorded|drawn) (here|nearer)"
)
ALL_IS_WELL = {
    "Everybody gives in their own rhythm.",
    "Everybody has been thanked.",
    "Every promise is up to date.",
    "Nothing to do. A good day for a friendly call.",
}
# below a figure that says the same, or beside what can be done
BESIDE = {
    "No exact match. Closest results:": "the results are below",
    "No gift was converted at this rate.": "a note in the dialog that deletes the rate",
    "Nothing was given in this period.": "on the dashboard, whose filters are above",
    "No gifts here yet.": "behind a bar of the dashboard, whose filters are above",
    "Nobody yet.": "behind a bar of the dashboard, whose filters are above",
    "Nothing is expected after that day. Gifts already given stay linked.": "a note in a form",
    "Nothing yet": "in the place of the buttons of one kind of file",
}


def empty_states() -> list[tuple[str, str, frozenset[str]]]:
    """Return file, text and the named arguments of each call that says that something is empty."""
    found = []
    for path in sorted([*(ROOT / "app" / "ui").rglob("*.py"), *PAGES_FOLDER.rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            text = said(call)
            # a noun is not the sentence, but what a function is told to build one
            is_empty = name == "show_empty" and " " in text
            if is_empty or (name in SAYERS and EMPTY.match(text)):
                keywords = frozenset(keyword.arg or "" for keyword in call.keywords)
                found.append((path.name, text, keywords))
    return found


def said(call: ast.Call) -> str:
    """Return the last literal text among the arguments of a call: the sentence."""
    texts = [
        "".join(
            part.value
            for part in ast.walk(argument)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        for argument in call.args
        if isinstance(argument, ast.Constant | ast.JoinedStr | ast.IfExp)
    ]
    return texts[-1].strip() if texts else ""


def says_the_next_step(text: str, keywords: frozenset[str]) -> bool:
    if keywords & {"action", "guide"} or text in ALL_IS_WELL | BESIDE.keys():
        return True
    return STEP.search(text) is not None


@pytest.mark.parametrize(("file", "text", "keywords"), empty_states())
def test_an_empty_state_says_the_next_step(file: str, text: str, keywords: frozenset[str]) -> None:
    assert says_the_next_step(text, keywords), f"{file}: what can a person do?"


def test_the_exceptions_are_in_the_code() -> None:
    texts = {text for _, text, _ in empty_states()}
    assert len(texts) > 40
    assert (ALL_IS_WELL | BESIDE.keys()) - texts == set()


@pytest.mark.parametrize(
    ("text", "keywords", "fits"),
    [
        ("No gifts yet.", set(), False),
        ("No gifts yet. Add one with “Record gift”.", set(), True),
        ("No gifts yet.", {"guide"}, True),
        ("No gift matches. Remove a filter.", set(), True),
    ],
)
def test_a_sentence_without_a_step_is_found(text: str, keywords: set[str], fits: bool) -> None:
    assert says_the_next_step(text, frozenset(keywords)) is fits


def test_the_parts_that_empty_states_name_exist() -> None:
    names = {part.name for part in guide.parts()}
    named = {
        keyword.value.value
        for path in [*(ROOT / "app" / "ui").rglob("*.py"), *PAGES_FOLDER.rglob("*.py")]
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "guide" and isinstance(keyword.value, ast.Constant)
    }
    assert len(named) > 5
    assert named - names == set()


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin")


@pytest.mark.parametrize("file", ["today", "donors", "gifts", "pledges", "funds", "tags"])
def test_the_first_run_links_to_the_guide(
    ada: Actor, screen: Callable[..., AppTest], file: str
) -> None:
    page = screen(file, ada)
    assert not page.exception
    queries = {link.proto.query_string for link in page.get("page_link")}
    part = {"today": "start", "donors": "start"}.get(file, file)
    assert f"part={part}" in queries
