"""The guide: a part for each page, words that are on the page, and the way to it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.ui.base.screens import PAGES_FOLDER, SCREENS, Screen, part_of
from app.ui.help import guide
from tests import factories as make
from tests.columns.test_columns import literals
from tests.module_tests.lookup import import_graph, imported_by, module_name
from tests.pages.conftest import field, page_text

ROOT = PAGES_FOLDER.parent
PARTS = guide.parts()
# the part about Help is about all pages
SCREEN_OF_PART = {part_of(screen): screen for screen in SCREENS if screen.file != "help"}


def links(page: AppTest) -> list[tuple[str, str]]:
    """Return label and query of every link to another page."""
    return [(link.proto.label, link.proto.query_string) for link in page.get("page_link")]


def test_each_page_has_a_part_and_each_part_a_page() -> None:
    files = {path.stem for path in guide.FOLDER.glob("*.md")}
    assert files == {part_of(screen) for screen in SCREENS} | set(guide.GENERAL)
    assert [part.name for part in PARTS] == [*guide.GENERAL, *map(part_of, SCREENS)]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_is_complete_and_plain(part: guide.Part) -> None:
    screen = SCREEN_OF_PART.get(part.name)
    if screen is not None:
        assert part.title == screen.title
    assert part.introduction
    assert part.sections, "a part has tasks"
    assert all(section.text for section in part.sections)
    anchors = [section.anchor for section in part.sections]
    assert len(set(anchors)) == len(anchors)
    assert part.related
    assert {name for name in part.related if name not in {known.name for known in PARTS}} == set()
    assert part.name not in part.related
    text = (guide.FOLDER / f"{part.name}.md").read_text(encoding="utf-8")
    # no raw HTML, no formula, no picture and no other host
    assert not re.search(r"<|\$|!\[|://", text)
    assert "](" not in text.partition("See also: ")[0], "links are at the end"


def sources(screen: Screen | None) -> list[Path]:
    """Return the files that draw a screen; of no screen, those of the sign-in and of all."""
    own = ["app.main"] if screen is None else ["app.main", module_name(screen.path)]
    modules = set(own).union(*(imported_by(name) for name in own[1:] or own))
    if screen is None:
        modules |= {name for name in import_graph().modules if name.startswith("pages.")}
        modules |= {name for page in modules for name in imported_by(page)}
    drawing = {name for name in modules if name.startswith(("pages.", "app.ui.", "app.main"))}
    paths = [ROOT / f"{name.replace('.', '/')}.py" for name in sorted(drawing)]
    return [path for path in paths if path.is_file()]


def unknown_labels(text: str, screen: Screen | None) -> set[str]:
    """Return the bold words of a text that the screen does not have."""
    labels = re.findall(r"\*\*(.+?)\*\*", text)
    known = [literal for path in sources(screen) for literal in literals(path)]
    return {
        label
        for label in labels
        if not any(re.search(rf"(?<!\w){re.escape(label)}(?!\w)", literal) for literal in known)
    }


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_bold_words_are_on_the_page(part: guide.Part) -> None:
    text = (guide.FOLDER / f"{part.name}.md").read_text(encoding="utf-8")
    assert unknown_labels(text, SCREEN_OF_PART.get(part.name)) == set()


def test_bold_words_that_are_not_on_the_page_are_found() -> None:
    jobs = next(screen for screen in SCREENS if screen.file == "jobs")
    assert unknown_labels("Press **Run now** or **Run later**.", jobs) == {"Run later"}
    assert unknown_labels("Press **Record gift**.", jobs) == {"Record gift"}


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.mark.parametrize("name", [part.name for part in PARTS])
def test_the_address_opens_the_part(
    database: URL, screen: Callable[..., AppTest], name: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
    page = screen("help", ada, part=name)
    assert not page.exception
    part = guide.read(name)
    assert page.header[0].value == part.title
    assert [section.heading for section in part.sections] == [
        subheader.value for subheader in page.subheader if subheader.value != "Contents"
    ]
    assert part.introduction in page_text(page)
    # every other part is one click away
    assert {f"part={other.name}" for other in PARTS if other != part} <= {
        query for _, query in links(page)
    }


def test_without_a_part_the_contents_come_first(
    ruth: Actor, screen: Callable[..., AppTest]
) -> None:
    page = screen("help", ruth)
    assert page.subheader[0].value == "Contents"
    assert page.header[0].value == "Finding your way"
    assert not page.info


@pytest.mark.parametrize("name", ["jobs", "nonsense", "../../README", ""])
def test_a_part_of_another_role_or_none_is_not_shown(
    ruth: Actor, screen: Callable[..., AppTest], name: str
) -> None:
    page = screen("help", ruth, part=name)
    assert not page.exception
    assert page.header[0].value == "Finding your way"
    assert ("There is no such part" in page_text(page)) is bool(name)
    assert "part=jobs" not in {query for _, query in links(page)}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_the_contents_have_the_pages_of_the_role(
    database: URL, screen: Callable[..., AppTest], role: Role
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        reader = make.person(db, role)
    offered = {query.removeprefix("part=") for _, query in links(screen("help", reader))}
    own = {part_of(known) for known in SCREENS if role in known.roles}
    assert offered == own | set(guide.GENERAL)


def test_the_search_finds_headings_before_texts(
    ruth: Actor, screen: Callable[..., AppTest]
) -> None:
    page = screen("help", ruth, part="gifts")
    field(page, "find_in_guide").set_value("thank donor").run()
    assert links(page)[0] == ("Today · Thank a donor", "part=today")
    field(page, "find_in_guide").set_value("kangaroo").run()
    assert "Nothing found" in page_text(page)
    # another part ends the search
    page.query_params["part"] = "today"
    page.run()
    assert field(page, "find_in_guide").value == ""
    assert page.header[0].value == "Today"


def test_the_search_needs_every_word_and_leaves_out_what_is_not_offered() -> None:
    found = guide.find("passkey", PARTS)
    assert {match.part.name for match in found} >= {"settings", "signing-in"}
    assert guide.find("passkey kangaroo", PARTS) == []
    assert guide.find("   ", PARTS) == []
    headings = {match.heading for match in guide.find("late", PARTS)}
    assert "Why is this pledge late?" in headings
    assert "Fill in a template" not in headings
    jobs = [part for part in PARTS if part.name == "jobs"]
    assert {match.part.name for match in guide.find("run", jobs)} == {"jobs"}
