"""No screen, mail or file formats an amount, a number or a day without a locale."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kit import amount_input, formatting

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "app" / "ui", ROOT / "pages")
SCREENS = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]
# where the user's locale is put in; everything else calls the functions of this module
BINDING = "app/ui/base/formats.py"
TEXTS = {
    *("count", "day", "day_in_digits", "join_names", "long_day", "moment", "money"),
    *("money_exact", "money_plain", "money_short", "number", "percent"),
}
# a month or a weekday is an English word in every locale, an hour counts to 24, an address is ISO
WORDS = {"%B", "%H:%M", "%Y-%m-%d"}
AXES = {"tickformat", "hoverformat", "texttemplate", "tickprefix", "ticksuffix", "valueformat"}
MONTHS = {"%b", "%B", "%b\n%Y", "%B %Y"}
COLUMNS = {"NumberColumn", "DateColumn", "DatetimeColumn", "ProgressColumn"}
# the number of a row in a file is the name that the file itself uses
ROW_NUMBERS = "app/ui/imports/rows/row_diff.py"


def problems(code: str, file: str) -> Iterator[str]:
    """Find what formats amounts, numbers or days without the user's locale."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.ImportFrom(module="app.kit.formatting", names=names):
                yield from (f"import of {name.name}" for name in names if name.name in TEXTS)
            case ast.Attribute():
                yield from _in_attribute(node, file)
            case ast.FormattedValue(format_spec=ast.JoinedStr() as specification):
                yield from _in_specification(ast.unparse(specification)[2:-1])
            case ast.Constant(value=str(text)) if text[:2] == "{:":
                yield from _in_specification(text[2:-1])
            case ast.Call():
                yield from _in_call(node)


def _in_attribute(node: ast.Attribute, file: str) -> Iterator[str]:
    if node.attr == "strftime":
        yield "strftime"
    if getattr(node.value, "id", "") == "formatting" and node.attr in TEXTS:
        yield f"formatting.{node.attr}"
    if node.attr in COLUMNS and file not in {"app/ui/widgets/tables.py", ROW_NUMBERS}:
        yield f"{node.attr} outside of the table widget"


def _in_specification(text: str) -> Iterator[str]:
    if ("%" in text and text not in WORDS) or "," in text or (text.endswith("f") and text != "f"):
        yield f"the format {text}"


def _in_call(node: ast.Call) -> Iterator[str]:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    order = ast.dump(keywords.get("format", ast.Constant(None)))
    if getattr(node.func, "attr", "") == "date_input" and "day_pattern" not in order:
        yield "a date field in another order than the user's"
    for name in AXES & set(keywords):
        value = keywords[name]
        if not (isinstance(value, ast.Constant) and value.value in MONTHS):
            yield f"{name} of an axis"


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(ROOT)))
def test_screens_format_in_the_users_locale(path: Path) -> None:
    file = str(path.relative_to(ROOT))
    found = [] if file == BINDING else list(problems(path.read_text(), file))
    assert not found, f"{file}: use app.ui.base.formats instead of {', '.join(found)}"


@pytest.mark.parametrize(
    "code",
    [
        "from app.kit.formatting import money",
        "formatting.day(on, today=today, locale='en_US')",
        "on.strftime('%d %b')",
        "f'{on:%d.%m.%Y}'",
        "f'{gifts:,}'",
        "f'{share:.1f} %'",
        "'{:%d %B %Y}'.format",
        "st.date_input('From')",
        "st.date_input('From', format='YYYY-MM-DD')",
        "st.column_config.NumberColumn(format='dollar')",
        "figure.update_yaxes(tickformat='$,.0f')",
        "figure.update_xaxes(hoverformat='%d %b')",
        "figure.update_yaxes(tickprefix='$')",
    ],
)
def test_the_rule_finds_what_forgets_the_locale(code: str) -> None:
    assert list(problems(code, "pages/today.py"))


@pytest.mark.parametrize(
    "code",
    [
        "from app.ui.base.formats import day, money",
        "f'{moment:%H:%M}'",
        "f'{day:%Y-%m-%d}'",
        "f'{rate:f}'",
        "st.date_input('From', format=formats.day_pattern())",
        "figure.update_xaxes(tickformat='%b', hoverformat='%B %Y')",
    ],
)
def test_the_rule_leaves_words_and_addresses_alone(code: str) -> None:
    assert not list(problems(code, "pages/today.py"))


@pytest.mark.parametrize("name", sorted(TEXTS - {"count", "join_names"}))
def test_amounts_and_days_have_no_default_locale(name: str) -> None:
    locale = inspect.signature(getattr(formatting, name)).parameters["locale"]
    assert locale.default is inspect.Parameter.empty
    assert locale.kind is inspect.Parameter.KEYWORD_ONLY


def test_typed_amounts_have_no_default_locale() -> None:
    locale = inspect.signature(amount_input.amount).parameters["locale"]
    assert locale.default is inspect.Parameter.empty
