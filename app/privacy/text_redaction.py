"""Redact a person's names in texts that are also about other people. Pure functions."""

import html
import re
from collections.abc import Iterable
from typing import Any

# a single word with fewer digits occurs in too many texts about other people
ENOUGH_DIGITS = 6


def telling(words: Iterable[str | None], *, whole: str) -> tuple[str, ...]:
    """Return the values that identify a person, the longest first; always includes `whole`.

    These are phrases of several words, e-mail addresses and words with six digits or more.
    """
    found = {" ".join(word.split()) for word in words if word and word.strip()}
    kept = {one for one in found if " " in one or "@" in one or _digits(one) >= ENOUGH_DIGITS}
    return tuple(sorted(kept | {" ".join(whole.split())}, key=lambda one: (-len(one), one)))


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of the words, in any case, with any whitespace, or HTML-escaped."""
    spelled = {one for word in words for one in (word, html.escape(word))}
    ordered = sorted(spelled, key=lambda one: (-len(one), one))
    each = (r"\s+".join(map(re.escape, one.split())) for one in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def scrubbed(value: Any, telling_words: re.Pattern[str], instead: str) -> Any:
    """Return a text, or a JSON value with all its texts, with each match replaced by `instead`."""
    if isinstance(value, str):
        return telling_words.sub(instead, value)
    if isinstance(value, list):
        return [scrubbed(one, telling_words, instead) for one in value]
    if isinstance(value, dict):
        return {
            scrubbed(name, telling_words, instead): scrubbed(one, telling_words, instead)
            for name, one in value.items()
        }
    return value


def _digits(text: str) -> int:
    return sum(one.isdigit() for one in text)
