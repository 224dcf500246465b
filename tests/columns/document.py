"""Write docs/data.md from columns.toml: where each column of the database is written and shown.

Write the document anew with `python -m tests.columns`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.db.models import Base

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "data.md"
CELLS = ("screen", "import", "api", "cli", "shown")
HEADS = {"api": "API", "cli": "command"}
# a cell that begins so says why there is no such place
WHY_NOT = "– "
EVERY = "*"

INTRODUCTION = """\
# Every column of the database

Written by `python -m tests.columns` from `tests/columns/columns.toml`; the tests compare it with
the tables, the screens, the fields of imports, the API and the command line.

- **screen**: where a person writes it: the screen, then the label. Dialogs of a donor, a gift or a
  pledge open from every screen that lists them; one is named.
- **import**: the kind of file and the field, as in the templates of the Import screen.
- **API**: the request that writes it first, then its property. All are below `/api/v1`.
- **shown**: where a person reads it. A file is one of the Export screen, and the word its column.

Where nothing writes a column by hand, the reason is given instead: keys, moments, sums that the
database keeps itself, hashes. “–” says why there is no such place.
"""


@dataclass(frozen=True)
class Entry:
    """What columns.toml says about one column: a reason, or the cells; `shown` may be beside."""

    table: str
    column: str
    reason: str
    cells: dict[str, str]

    def places(self, cell: str) -> list[str]:
        """Return the places that a cell names, none if it says why there are none."""
        text = self.cells.get(cell, "")
        return [] if not text or text.startswith(WHY_NOT) else text.split("; ")

    @property
    def label(self) -> str:
        """Return table and column: "gift.note"."""
        return f"{self.table}.{self.column}"


@cache
def entries() -> tuple[Entry, ...]:
    """Return every entry of columns.toml in its order."""
    source = tomllib.loads((FOLDER / "columns.toml").read_text(encoding="utf-8"))
    reasons = source.pop("reasons")
    return tuple(
        _entry(table, column, value, columns.get(EVERY, {}), reasons)
        for table, columns in source.items()
        for names, value in columns.items()
        if names != EVERY
        for column in names.split()
    )


def _entry(
    table: str,
    column: str,
    value: str | dict[str, str],
    every: dict[str, str],
    reasons: dict[str, str],
) -> Entry:
    if isinstance(value, str):
        return Entry(table, column, reasons.get(value, value), {})
    cells = dict(value)
    reason = cells.pop("reason", "")
    if reason:
        return Entry(table, column, reasons.get(reason, reason), cells)
    return Entry(table, column, "", every | cells)


def document() -> str:
    """Return docs/data.md."""
    lines = [INTRODUCTION]
    for table in dict.fromkeys(entry.table for entry in entries()):
        lines += [f"## {table}", "", _about(table), ""]
        own = [entry for entry in entries() if entry.table == table]
        lines += _table(own)
        lines.append("")
    return "\n".join(lines)


def _about(table: str) -> str:
    mapper = next(
        one for one in Base.registry.mappers if one.local_table is Base.metadata.tables[table]
    )
    paragraph = (mapper.class_.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


def _table(own: list[Entry]) -> list[str]:
    """Return the table of the columns that people write, then that of the others."""
    written = [entry for entry in own if not entry.reason]
    others = [entry for entry in own if entry.reason]
    lines: list[str] = []
    if written:
        used = [cell for cell in CELLS if cell != "cli" or any(one.cells.get(cell) for one in own)]
        heads = [
            "column",
            *(head.replace("api", "API").replace("cli", "command") for head in used),
        ]
        lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
        for entry in written:
            cells = [_cell(cell, entry.cells.get(cell, "")) for cell in used]
            lines.append(f"| {' | '.join([entry.column, *cells])} |")
    if written and others:
        lines.append("")
    if others:
        lines += ["| column | why nobody writes it | shown |", "|---|---|---|"]
        for entry in others:
            shown = _cell("shown", entry.cells.get("shown", ""))
            lines.append(f"| {entry.column} | {entry.reason} | {shown} |")
    return lines


def _cell(cell: str, text: str) -> str:
    if not text or text.startswith(WHY_NOT):
        return text or "–"
    return "<br>".join(_place(cell, place) for place in text.split("; "))


def _place(cell: str, place: str) -> str:
    if cell in {"screen", "shown"} and not place.startswith("file "):
        screen, label, _file = parts(place)
        # words of the code tell a reader nothing
        return f"{screen}: {label}" if is_label(label) else screen
    return f"`{place}`" if cell in {"api", "cli", "import"} else place


def parts(place: str) -> tuple[str, str, str]:
    """Return the screen, the label and the file of "Donor: Notes @ donors/forms.py"."""
    found = re.fullmatch(r"([^:]+): (.+) @ (\S+)", place)
    if found is None:
        msg = f"“{place}” is not “Screen: label @ file”."
        raise ValueError(msg)
    screen, label, file = found.groups()
    return screen, label, file


def is_label(words: str) -> bool:
    """Return whether these are words of a screen, not of the code."""
    return re.search(r"\w\.\w|_|\(\w+$|\w\(|^[A-Z]+$", words) is None
