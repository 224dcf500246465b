"""What was assumed while a file was read, for the user to check in the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_SENTENCES = {
    "sheet": "The sheet “{sheet}” was read. Other sheets of the workbook have rows: {others}.",
    "bytes_not_utf8": (
        "The file is in UTF-8, but not everywhere: places that are not ({places}) were read as "
        "Windows-1252, as in “{sample}”."
    ),
    "garbled": (
        "Letters look garbled, as in “{sample}”: the source has written them so. Ask it for an "
        "export in UTF-8."
    ),
    "stray_quotes": (
        "A quotation mark is not closed in {rows}. It was read as a character of the cell, and "
        "the lines after it as rows of their own."
    ),
    "unnamed_columns": (
        "The rows have more cells than the header has names: {columns} more. The columns without "
        "a name are called “{first}” and so on."
    ),
    "rows_in_a_cell": (
        "A cell in {rows} holds several lines that look like rows. If they are rows, remove the "
        "quotation mark before them."
    ),
}


@dataclass(frozen=True, slots=True)
class Note:
    """An assumption about a file: its code, and what its sentence names."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The note as shown to the user."""
        return _SENTENCES[self.code].format(**self.values)


def rows_named(numbers: list[int], most: int = 5) -> str:
    """Return "row 7", "rows 7 and 9" or "rows 7, 9, 12, 15, 18 and 3 more"."""
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    shown = [f"{number}" for number in numbers[:most]]
    rest = f"{len(numbers) - most:,} more" if len(numbers) > most else shown.pop()
    return f"rows {', '.join(shown)} and {rest}"
