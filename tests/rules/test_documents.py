"""README and docs/start.md name only what there is: commands, labels, addresses, files."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from app.api.rest.app import api
from app.cli import build
from app.ui.base.screens import SCREENS
from app.ui.dashboard import checklist
from app.ui.people.roles import EXPLANATIONS, name
from jobs.commands import app as jobs
from tests.columns.test_columns import literals

ROOT = Path(__file__).parents[2]
README, START = ROOT / "README.md", ROOT / "docs" / "start.md"
DOCUMENTS = [README, START, *sorted((ROOT / "docs" / "guide").glob("*.md"))]
SCREEN_FILES = [*(ROOT / "app" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
# sections of the README that say what to do; the others praise in bold
STEPS = ("## Quick start", "## Using your own data")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def steps_of(path: Path) -> str:
    """Return the text that says what to do: of the README two sections, else all of it."""
    if path != README:
        return text_of(path)
    sections = re.split(r"^(?=## )", text_of(path), flags=re.MULTILINE)
    return "".join(section for section in sections if section.startswith(STEPS))


def commands(text: str) -> list[str]:
    """Return the commands in code: "make run", "python -m app setup --name …"."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [
        command
        for command in (*lines, *re.findall(r"`([^`]+)`", rest))
        if command.startswith(("make ", "python -m "))
    ]


def problem(command: str) -> str:
    """Return what is wrong with a command, "" if nothing is."""
    words = shlex.split(command.replace("…", ""))
    if words[0] == "make":
        return "" if f"\n{words[1]}:" in text_of(ROOT / "Makefile") else f"no target {words[1]}"
    found: Any = get_command({"app": build(), "jobs": jobs}[words[2]])
    options: set[str] = {"--help"}
    for word in words[3:]:
        options |= {option for one in found.params for option in (*one.opts, *one.secondary_opts)}
        if word.startswith("--"):
            if word not in options:
                return f"{command}: no option {word}"
        elif word in getattr(found, "commands", {}):
            found = found.commands[word]
        elif getattr(found, "commands", {}):
            return f"{command}: no command {word}"
    return ""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_commands_exist(path: Path) -> None:
    assert [found for command in commands(text_of(path)) if (found := problem(command))] == []


def test_a_command_that_does_not_exist_is_found() -> None:
    assert problem("make run") == ""
    assert problem("make start") == "no target start"
    assert problem("python -m app setup --name … --country DE") == ""
    assert "no option --town" in problem("python -m app setup --town X")
    assert "no command grow" in problem("python -m app grow")
    assert len(commands(text_of(START))) > 5
    assert "make run" in commands(text_of(README))


def options_below(command: Any) -> Iterator[str]:
    """Yield the options of a command and of the commands below it."""
    for one in command.params:
        yield from (*one.opts, *one.secondary_opts)
    for below in getattr(command, "commands", {}).values():
        yield from options_below(below)


@pytest.mark.parametrize("path", [START])
def test_the_options_exist(path: Path) -> None:
    known = set(options_below(get_command(build())))
    named = set(re.findall(r"`(--[a-z-]+)`", text_of(path)))
    assert named
    assert named - known == set()


@pytest.mark.parametrize("path", [README, START], ids=lambda path: path.stem)
def test_the_labels_exist(path: Path) -> None:
    # a bold word with a point at the beginning of a paragraph is a heading
    text = re.sub(r"^\*\*[^*]+\.\*\*", "", steps_of(path), flags=re.MULTILINE)
    labels = {label.removesuffix(".") for label in re.findall(r"\*\*(.+?)\*\*", text)}
    known = {literal for file in SCREEN_FILES for literal in literals(file)}
    assert labels
    missing = {
        label
        for label in labels
        if not any(re.search(rf"(?<!\w){re.escape(label)}(?!\w)", literal) for literal in known)
    }
    assert missing == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_linked_files_exist(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(path))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_addresses_of_the_api_exist() -> None:
    paths = api.openapi()["paths"]
    named = re.findall(r"`(?:([A-Z]+) )?((?:/api/v1)?/[a-z][a-z/{}-]+)`", text_of(START))
    assert len(named) > 4
    for method, address in named:
        operations = paths[address.removeprefix("/api/v1")]
        assert not method or method.lower() in operations


def test_the_roles_are_explained_as_on_the_screen() -> None:
    rows = dict(re.findall(r"^\| (\w[\w ]+) \| (.+) \|$", text_of(START), flags=re.MULTILINE))
    for role, explanation in EXPLANATIONS.items():
        assert rows[name(role)] == (explanation[0].lower() + explanation[1:]).removesuffix(".")


def test_the_screens_named_exist() -> None:
    named = re.findall(r"[Tt]he screen \*\*(.+?)\*\*", text_of(START))
    assert named
    assert set(named) <= {screen.title for screen in SCREENS}


def test_the_first_steps_are_those_of_today() -> None:
    section = text_of(START).partition("## Today: the first steps")[2].partition("##")[0].lower()
    words = {
        "donors": "donors",
        "gifts": "gifts",
        "pledges": "pledges",
        "mail": "how mail is sent",
        "people": "invite people",
        "goals": "set a monthly goal",
        "summary": "the first weekly summary",
        "backups": "set up backups",
    }
    assert words.keys() == checklist.SCREENS.keys()
    places = [section.find(word) for word in words.values()]
    assert -1 not in places
    assert places == sorted(places)
