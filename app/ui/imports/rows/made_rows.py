"""Links to the rows that an import created or changed, and the names of its funds."""

from app import imports
from app.ui.base.formats import number, plain
from app.ui.widgets import import_filter

# the screens with a list; funds have none
_SCREENS = ("donors", "gifts", "pledges")
_LABELS = {"new": "New", "changed": "Changed"}
_MOST_FUNDS = 8


def show_links(run: imports.Run) -> None:
    """Draw a link to each list of rows that the import created or changed."""
    for part in reversed(run.counts.get("parts") or [run.counts]):
        for rows, action in (("new", "create"), ("changed", "update")):
            if part.get("kind") in _SCREENS and part.get(action):
                label = f"{_LABELS[rows]} {part['kind']}"
                import_filter.show_link(part["kind"], label, import_id=run.id, rows=rows)


def fund_sentence(funds: imports.ImportFunds | None) -> str:
    """Name the funds that an import created or changed, as plain text; "" without any."""
    if funds is None:
        return ""
    texts = (("New", funds.new), ("Changed", funds.changed))
    return " ".join(f"{label} funds: {_listed(names)}." for label, names in texts if names)


def _listed(names: tuple[str, ...]) -> str:
    rest = len(names) - _MOST_FUNDS
    listed = ", ".join(map(plain, names[:_MOST_FUNDS]))
    return f"{listed} and {number(rest)} more" if rest > 0 else listed
