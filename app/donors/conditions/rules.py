"""Conditions as text: groups of conditions, of which one group must hold with all of its own.

The text is JSON, as in an address: `[[["lifetime", "at least", "1000"], ["tag", "is", "3", "7"]]]`
is one group of two conditions. Pure functions; whether a field and its values exist is checked by
`resolve`.
"""

import json
from dataclasses import dataclass

from app.kit.errors import InvalidError

MOST_GROUPS = 10
MOST_CONDITIONS = 30
MOST_VALUES = 100
LONGEST_VALUE = 200
LONGEST_TEXT = 4_000
NOT_READABLE = "The conditions of this address cannot be read. Set them again."
TOO_MANY = (
    f"At most {MOST_CONDITIONS} conditions in {MOST_GROUPS} groups are possible. "
    "Remove some, or use two segments."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it was set: the key of a field, an operator, and its values as texts."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


# the conditions of a group must all hold; of the groups, any
Rule = tuple[tuple[Condition, ...], ...]


def parse_rule(text: str) -> Rule:
    """Return the groups of conditions of a text; groups without conditions are left out.

    Raises:
        InvalidError: the text is not as described above, or has too many conditions.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidError(TOO_MANY)
    try:
        groups = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        raise InvalidError(NOT_READABLE) from None
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise InvalidError(NOT_READABLE)
    rule = tuple(tuple(_condition(part) for part in group) for group in groups if group)
    if len(rule) > MOST_GROUPS or sum(map(len, rule)) > MOST_CONDITIONS:
        raise InvalidError(TOO_MANY)
    return rule


def _condition(part: object) -> Condition:
    if not isinstance(part, list) or not all(isinstance(word, str) for word in part):
        raise InvalidError(NOT_READABLE)
    if not 2 <= len(part) <= MOST_VALUES + 2:  # noqa: PLR2004
        raise InvalidError(NOT_READABLE)
    if any(len(word) > LONGEST_VALUE or "\0" in word or not _is_unicode(word) for word in part):
        raise InvalidError(NOT_READABLE)
    field, operator, *values = part
    return Condition(field, operator, tuple(values))


def _is_unicode(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_rule(rule: Rule) -> str:
    """Return groups of conditions as text; "" without any."""
    groups = [
        [[each.field, each.operator, *each.values] for each in group] for group in rule if group
    ]
    return json.dumps(groups, ensure_ascii=False, separators=(",", ":")) if groups else ""
