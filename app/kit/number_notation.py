"""Decimal and group marks of written numbers: the rules of typed amounts and of files' cells.

`app.kit.amount_input` parses an amount typed into a field, `app.imports.values.amounts` a cell of
a file. Decimal marks, groups of three digits, blanks and signs are defined here; the number of
decimals of a currency and the largest amount in `app.kit.money`. The parsers differ in:

- the decimal mark: a field follows the user's locale and rejects what could be read in two ways;
  a file has one mark for all rows, decided from them or chosen by the user;
- blanks: a field ignores them; in a cell they are valid only as group marks;
- groups: a cell may always have groups of two digits ("1,00,000"), as in Indian notation; a field
  only where the user's locale writes them;
- negative amounts: a cell may also have parentheses or a minus sign at the end ("(50)", "50-");
- exponents ("1.5E+3") and any currency sign or code: only in a cell;
- precision: a cell is parsed to thousandths, because its currency may be in another column.

`babel.numbers.parse_decimal` is not used: it knows one notation at a time, and a field accepts
the other one too where it is unambiguous.
"""

import re
from collections.abc import Mapping

MINUS = "-\N{MINUS SIGN}"
# white space and apostrophes, which separate groups in some countries
BLANK = r"[\s\u00a0\u202f'\u2019]"
# digits between two group marks, and after a mark that may be one
GROUP = 3
_BLANK = re.compile(BLANK)
Groups = Mapping[str, re.Pattern[str]]
GROUPS_OF_THREE: Groups = {
    mark: re.compile(rf"^\d{{1,3}}({re.escape(mark)}\d{{3}})+$") for mark in ".,"
}

# also groups of two digits, as in Indian notation
GROUPS_OF_TWO: Groups = {**GROUPS_OF_THREE, ",": re.compile(r"^\d{1,3}(,\d{2,3})*,\d{3}$")}


def other_mark(mark: str) -> str:
    """Return the group mark that belongs to a decimal mark: "," for "." and "." for ","."""
    return "," if mark == "." else "."


def without_blanks(number: str) -> str:
    """Return the number without white space and apostrophes."""
    return _BLANK.sub("", number)


def later_mark(number: str) -> str | None:
    """Return the last mark of a number that has both "." and ",": its decimal mark."""
    point, comma = number.rfind("."), number.rfind(",")
    if point < 0 or comma < 0:
        return None
    return "." if point > comma else ","


def digits_after(number: str, mark: str) -> int:
    """Return how many characters follow the last such mark of a number."""
    return len(number) - number.rfind(mark) - 1


def plain_number(number: str, mark: str, groups: Groups = GROUPS_OF_THREE) -> str | None:
    """Return unsigned digits with "." as their only mark; None when the marks are malformed.

    `groups` has one pattern for each valid group mark, and one under " " for blanks.
    """
    group_mark = other_mark(mark)
    whole, decimal, part = number.rpartition(mark)
    if not decimal:
        whole, part = number, ""
    if mark in whole or (part and not part.isdecimal()):
        return None
    group = group_mark if group_mark in whole else " " if _BLANK.search(whole) else None
    if group and not groups[group].match(whole):
        return None
    whole = without_blanks(whole.replace(group_mark, ""))
    return f"{whole}.{part}" if decimal else whole
