"""The commands by name; the module of a command is imported when the command is used."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer import _click
from typer.core import TyperCommand, TyperGroup

from app.kit.garbage import without_collection


@dataclass(frozen=True, slots=True)
class Summary:
    """A command in the list of all: its module below app.cli, and the line of its help."""

    module: str
    line: str


# in the order of the list; importing all of these modules takes seconds
SUMMARIES = {
    "serve": Summary(
        "processes.run",
        "Start the web process only; start the scheduler with python -m jobs.",
    ),
    "run": Summary(
        "processes.run",
        "Start database, web and scheduler; the browser asks for what an empty database needs.",
    ),
    "demo": Summary(
        "processes.demo",
        "Show the demonstration: start database, web and scheduler with a database of its own.",
    ),
    "setup": Summary(
        "setup",
        "Start an organisation with its first administrator, as the first run in the browser "
        "does.",
    ),
    "import": Summary(
        "import_file",
        "Import donors, gifts, pledges or funds, in one transaction, from one file or several.",
    ),
    "import-undo": Summary(
        "import_file",
        "Undo an import; records changed since the import stay as they are and are listed.",
    ),
    "export": Summary(
        "export", "Export one kind of record to a file, or the whole organisation to a folder."
    ),
    "figures": Summary("figures", "Print every figure of the dashboard by name."),
    "demo-data": Summary(
        "demo_data",
        "Add invented donors and gifts of the last six years, for trials and benchmarks.",
    ),
    "bench": Summary(
        "bench", "Run one benchmark or all of them; each prints a ratio against its limit."
    ),
    "doctor": Summary(
        "doctor.command",
        "Check the settings, database, scheduler, mail and disk; exit 1 if there is a problem.",
    ),
    "restore": Summary(
        "backups", "Restore a backup into an empty database and compare every row and sum."
    ),
    "db": Summary("db", "Bring the database's schema up or down."),
    "user": Summary("users", "Make and list accounts."),
    "organisation": Summary("settings.organisation", "The organisation's settings."),
    "rate": Summary("settings.exchange_rates", "Exchange rates of foreign currencies."),
    "jobs": Summary("jobs", "Look at the timetable or run one of its lines."),
    "audit": Summary("audit", "Seal and check the audit log."),
    "privacy": Summary("privacy", "What a donor may ask for."),
    "backup": Summary(
        "backups",
        "Write the whole database to one file and verify it; subcommands: new-key and drill.",
    ),
    "secret": Summary("secret", "Replace SECRET_KEY without losing anything."),
}


class CommandTable(MutableMapping[str, _click.Command]):
    """The commands by name; the first look-up of one imports its module."""

    def __init__(self) -> None:
        self._loaded: dict[str, _click.Command] = {}

    def __getitem__(self, name: str) -> _click.Command:
        """Return a command."""
        if name not in self._loaded:
            self._loaded |= loaded(SUMMARIES[name].module)
        return self._loaded[name]

    def __setitem__(self, name: str, command: _click.Command) -> None:
        """Replace a command."""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Forget what was imported of a command."""
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names, without an import."""
        return iter(SUMMARIES)

    def __len__(self) -> int:
        """Return the number of commands."""
        return len(SUMMARIES)


class LazyGroup(TyperGroup):
    """Commands that are imported when called; the list of all shows their summaries."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = CommandTable()

    def list_commands(self, ctx: _click.Context) -> list[str]:
        """Return the names; the inherited method would import every command."""
        del ctx
        return list(SUMMARIES)

    def get_command(self, ctx: _click.Context, cmd_name: str) -> _click.Command | None:
        """Return a command's name and summary, as the list of all commands shows them."""
        del ctx
        summary = SUMMARIES.get(cmd_name)
        return TyperCommand(cmd_name, help=summary.line) if summary else None

    def resolve_command(
        self, ctx: _click.Context, args: list[str]
    ) -> tuple[str | None, _click.Command | None, list[str]]:
        """Return the command that is called, imported."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, self.commands[name] if name else None, rest


def loaded(module: str) -> dict[str, _click.Command]:
    """Return the commands of a module below app.cli."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    # with a callback a single command is still called by its name
    app.callback()(lambda: None)
    with without_collection():
        import_module(f"app.cli.{module}").register(app)
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)  # noqa: S101 - narrows the type: it has a callback
    return dict(group.commands)
