"""Fields side by side are drawn row after row, the order of the Tab key and of a phone.

Two fields below each other in one column come before the first one of the next column there:
`forms.cells` keeps their order.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import ROOT

FIELDS = {
    *("ask_currency", "ask_fund", "ask_campaign", "ask_frequency", "ask_grace", "ask_method"),
    *("checkbox", "choice", "date_input", "day", "number_input", "selectbox", "text"),
    *("text_area", "text_input", "time_input", "toggle"),
}
SCREENS = sorted(path for folder in ("app/ui", "pages") for path in (ROOT / folder).rglob("*.py"))


def crowded(tree: ast.Module) -> Iterator[int]:
    """Yield the line of each column that has several fields below each other."""
    columns = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("st.columns(")
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.With):
            holders = {name.id for name in ast.walk(node.items[0]) if isinstance(name, ast.Name)}
            drawn = [
                call
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
                and ast.unparse(call.func).rpartition(".")[2] in FIELDS
            ]
            if holders & columns and len(drawn) > 1:
                yield node.lineno


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_column_has_one_field_a_row(path: Path) -> None:
    assert list(crowded(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_rule_finds_two_fields_in_one_column() -> None:
    form = "left, right = st.columns(2)\nwith left:\n    forms.text()\n    forms.day()"
    assert list(crowded(ast.parse(form))) == [2]
