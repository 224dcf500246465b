"""Each column of the database is in docs/data.md, and each place named there exists."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.api.rest.app import api
from app.cli import build
from app.db.models import Base
from app.exports import TABLE
from app.imports.values.fields import FIELDS
from app.ui.base.screens import SCREENS
from tests.columns.document import CELLS, DOCUMENT, Entry, document, entries, is_label, parts
from tests.module_tests.lookup import imported_by, module_name

ROOT = Path(__file__).parents[2]
# the file that draws each screen; the first three are no screens of the menu
SCREEN_FILES = dict.fromkeys(("Every page", "Set-up", "Sign-in"), ROOT / "app" / "main.py") | {
    screen.title: screen.path for screen in SCREENS
}
ENTRIES = entries()
WRITERS = ("screen", "import", "api")


def label(entry: Entry) -> str:
    return entry.label


def test_the_document_is_as_written() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `python -m tests.columns`"


def test_every_column_is_in_it_once_and_no_other() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    named = Counter(map(label, ENTRIES))
    assert columns - named.keys() == set(), "columns that nobody has described"
    assert named.keys() - columns == set(), "described, and no column"
    assert [name for name, times in named.items() if times > 1] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=label)
def test_a_column_has_a_reason_or_all_its_cells(entry: Entry) -> None:
    assert set(entry.cells) <= set(CELLS)
    if entry.reason:
        assert set(entry.cells) <= {"shown"}, "nobody writes it, and it is written somewhere"
        assert len(entry.reason.split()) > 2, "say why nobody writes it"
        return
    missing = [cell for cell in (*WRITERS, "shown") if not entry.cells.get(cell)]
    assert missing == [], "name the place, or say why there is none"
    assert any(entry.places(cell) for cell in WRITERS), "nothing writes it, and no reason says why"
    for cell in WRITERS:
        if not entry.places(cell):
            assert len(entry.cells[cell].split()) > 3, f"say why there is no {cell}"


def places(*cells: str) -> list[Any]:
    return [
        pytest.param(place, id=f"{entry.label} {cell} {place}")
        for entry in ENTRIES
        for cell in cells
        for place in entry.places(cell)
    ]


def screen_problem(place: str) -> str:
    """Return what is wrong with "Donor: Notes @ donors/forms.py", "" if nothing is."""
    screen, words, file = parts(place)
    if screen not in SCREEN_FILES:
        return f"there is no screen {screen}"
    path = ROOT / file if file.startswith(("pages/", "app/")) else ROOT / "app" / "ui" / file
    if not path.is_file():
        return f"there is no file {path}"
    own = SCREEN_FILES[screen]
    if path != own and module_name(path) not in imported_by(module_name(own)):
        return f"{screen} does not use {path.name}"
    if is_label(words):
        known = any(words in literal for literal in literals(path))
    else:
        known = words in path.read_text(encoding="utf-8")
    return "" if known else f"{path.name} does not say “{words}”"


@cache
def literals(path: Path) -> tuple[str, ...]:
    """Return the texts of a module's code without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and isinstance(node.body[0], ast.Expr)
    }
    return tuple(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    )


@pytest.mark.parametrize("place", places("screen", "shown"))
def test_the_place_on_a_screen_exists(place: str) -> None:
    if place.startswith("file "):
        kind, column = place.removeprefix("file ").split(": ")
        assert column in TABLE[kind].columns
    else:
        assert screen_problem(place) == ""


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("Donor: Notes @ donors/forms.py", ""),
        ("Donor: view.name @ donors/header.py", ""),
        ("Donation: Notes @ donors/forms.py", "there is no screen Donation"),
        ("Donor: Remarks @ donors/forms.py", "forms.py does not say “Remarks”"),
        # words of a docstring are on no screen
        ("Donor: Dialogs about donors @ donors/forms.py", "does not say"),
        ("Exchange rates: Notes @ donors/forms.py", "Exchange rates does not use forms.py"),
        ("Donor: view.remarks @ donors/header.py", "header.py does not say “view.remarks”"),
        ("Donor: Notes @ donors/shapes.py", "there is no file"),
    ],
)
def test_a_place_that_does_not_exist_is_found(place: str, problem: str) -> None:
    assert problem in screen_problem(place)
    assert bool(problem) == bool(screen_problem(place))


@pytest.mark.parametrize("place", places("import"))
def test_the_field_of_an_import_exists(place: str) -> None:
    kind, field = place.split(".")
    assert field in {known.name for known in FIELDS[kind]}


@cache
def openapi() -> dict[str, Any]:
    return api.openapi()


def api_problem(place: str) -> str:
    """Return what is wrong with "POST /gifts: parts.amount", "" if nothing is."""
    request, _, path_of_property = place.partition(": ")
    method, path = request.split(" ")
    operation = openapi()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return f"there is no {request}"
    if not path_of_property:
        return ""
    names = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    if path_of_property in names:
        return ""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    for name in path_of_property.split("."):
        inside = properties(schema)
        if name not in inside:
            return f"{request} has no {path_of_property}"
        schema = inside[name]
    return ""


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a schema, of what it refers to, and of its items."""
    found = dict(schema.get("properties", {}))
    if "$ref" in schema:
        found |= properties(openapi()["components"]["schemas"][schema["$ref"].split("/")[-1]])
    if "items" in schema:
        found |= properties(schema["items"])
    for option in schema.get("anyOf", []):
        found |= properties(option)
    return found


@pytest.mark.parametrize("place", places("api"))
def test_the_field_of_the_api_exists(place: str) -> None:
    assert api_problem(place) == ""


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("POST /gifts: parts.amount", ""),
        ("POST /imports: date_order", ""),
        ("POST /gifts/{id}/reverse", ""),
        ("DELETE /gifts", "there is no DELETE /gifts"),
        ("POST /gifts: remark", "POST /gifts has no remark"),
        ("POST /gifts: parts.remark", "POST /gifts has no parts.remark"),
    ],
)
def test_a_field_that_does_not_exist_is_found(place: str, problem: str) -> None:
    assert api_problem(place) == problem


@pytest.mark.parametrize("place", places("cli"))
def test_the_command_exists(place: str) -> None:
    *names, option = place.split(" ") if "--" in place else [*place.split(" "), ""]
    command: Any = get_command(build())
    for name in names:
        assert name in command.commands, f"there is no command {place}"
        command = command.commands[name]
    options = {text for parameter in command.params for text in parameter.opts}
    assert not option or option in options, f"{' '.join(names)} has no {option}"
