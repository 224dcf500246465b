"""Spellings in files of this application's enumerations: frequency, method, status and others."""

import re
import tomllib
import unicodedata
from pathlib import Path

from app.kit import text


def folded(word: str) -> str:
    """Return a word as spellings are compared: "Bi-Weekly", "bi_weekly" and "bi weekly" alike.

    The mark "-" alone stays, and so do the letters of any script; accents go.
    """
    letters = unicodedata.normalize("NFKD", text.visible(word).lower())
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[\s_–—-]+", " ", plain).strip(" .:") or plain.strip()


def _read_choices() -> dict[str, dict[str, str]]:
    """Return spelling → value for each enumeration, every value being a spelling of itself."""
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        name: {
            folded(spelling): value
            for value, spellings in values.items()
            for spelling in (value, *spellings.split("|"))
            if spelling
        }
        for name, values in tables.items()
    }


CHOICES = _read_choices()


def choose(name: str, cell: str) -> str | None:
    """Return the application's value for a file's word, or None when it is unknown.

    Where the whole word is unknown, what stands in parentheses, after "#" or as a number is left
    out ("Credit Card (Visa)", "Check #1234"), and then each side of a slash is tried ("EFT/ACH").
    """
    words = CHOICES[name]
    word = folded(cell)
    if word in words:
        return words[word]
    bare = folded(_DETAIL.sub(" ", cell))
    if bare in words:
        return words[bare]
    sides = [folded(side) for side in re.split(r"\s*[/,+&]\s*", bare) if folded(side)]
    if " ".join(sides) in words:
        return words[" ".join(sides)]
    values = {words.get(side) for side in sides}
    return values.pop() if len(values) == 1 else None


# what follows the first word and only describes it
_DETAIL = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|\s#\s?\w+|\s(?:no|nr)\.?\s?\d+|(?<=[A-Za-z])\s*:?\s*[x*•\d]{3,}"
)


def options(name: str) -> tuple[str, ...]:
    """Return the application's values of an enumeration."""
    return tuple(dict.fromkeys(CHOICES[name].values()))


def allowed(name: str) -> str:
    """Return the values of an enumeration as a comma-separated list, for a message."""
    return ", ".join(options(name))
