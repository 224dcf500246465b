"""Header spellings of other systems and in other languages, from `header_words.toml`.

The languages are English, German, French, Spanish, Dutch, Hungarian and Portuguese.
"""

import tomllib
from pathlib import Path

_TABLE: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


def words(table: str, field: str) -> tuple[str, ...]:
    """Return the spellings of a field in one of the tables, the English ones first."""
    return tuple(" ".join(_TABLE[table].get(field, {}).values()).split())
