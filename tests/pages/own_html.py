"""What a reader finds in the tables and lists of a page, parsed as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Table:
    """A table: the texts of each column by its heading, and the addresses of its links by text."""

    key: str = ""
    columns: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, heading: str) -> list[str]:
        return self.columns[heading]

    def __contains__(self, heading: str) -> bool:
        return heading in self.columns

    def __len__(self) -> int:
        return max(map(len, self.columns.values()), default=0)

    def row(self, at: int) -> dict[str, str]:
        """Return the texts of a row by the headings of their columns."""
        return {heading: texts[at] for heading, texts in self.columns.items()}


class _Buttons(HTMLParser):
    """Collects the buttons: name, row and label of each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.open = tag == "button" and "data-press" in facts
        if self.open:
            self.found.append((facts["data-press"] or "", facts["data-row"] or "", ""))

    def handle_data(self, data: str) -> None:
        if self.open:
            name, row, label = self.found[-1]
            self.found[-1] = (name, row, label + data)


class _Reader(HTMLParser):
    """Collects the cells of a table and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self.texts: list[str] = []
        self.cells: list[str] = []
        self.row: list[str] | None = None
        self.open = False
        self.href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "table":
            self.table.key = facts["data-table"] or ""
        elif tag == "tr":
            self.cells = []
        elif tag in {"th", "td"} and facts.get("class") != "tick":
            self.cells.append("")
            self.open = True
        elif tag == "a":
            self.href = facts["href"] or ""
        elif "spark" in (facts.get("class") or ""):
            self.handle_data(facts["aria-label"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"th", "td"}:
            self.open = False
        elif tag == "a":
            self.href = ""
        elif tag == "tr" and not self.table.columns:
            self.table.columns = {text: [] for text in self.cells}
        elif tag == "tr":
            for texts, text in zip(self.table.columns.values(), self.cells, strict=True):
                texts.append(text)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.open:
            self.cells[-1] += data
        if self.href:
            self.table.links[data] = self.href


def table(body: str) -> Table:
    """Return the table in a piece of HTML."""
    return _read(body).table


def buttons(body: str) -> list[tuple[str, str, str]]:
    """Return the name, row and label of each button in a piece of HTML."""
    reader = _Buttons()
    reader.feed(body)
    return reader.found


def text(body: str) -> str:
    """Return all text in a piece of HTML, one piece per line."""
    return "\n".join(filter(None, (each.strip() for each in _read(body).texts)))


def _read(body: str) -> _Reader:
    reader = _Reader()
    reader.feed(body)
    reader.close()
    return reader
