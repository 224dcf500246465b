"""Taking a person's names out of texts that tell of others as well. Pure."""

import html
import re
from collections.abc import Iterable
from typing import Any

# a short single word is in too many texts that mean somebody else
ENOUGH_DIGITS = 6


def telling(words: Iterable[str | None], *, whole: str) -> tuple[str, ...]:
    """Return what of these tells who somebody is, the longest first; `whole` always does."""
    found = {" ".join(word.split()) for word in words if word and word.strip()}
    kept = {one for one in found if " " in one or "@" in one or _digits(one) >= ENOUGH_DIGITS}
    return tuple(sorted(kept | {" ".join(whole.split())}, key=lambda one: (-len(one), one)))


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Match any of the words, in any case, on any blanks, also as HTML spells them."""
    spelled = {one for word in words for one in (word, html.escape(word))}
    ordered = sorted(spelled, key=lambda one: (-len(one), one))
    each = (r"\s+".join(map(re.escape, one.split())) for one in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def scrubbed(value: Any, telling_words: re.Pattern[str], instead: str) -> Any:
    """Return a text, or a JSON value with all its texts, without the person."""
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
