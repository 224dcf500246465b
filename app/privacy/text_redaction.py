"""Redact a person's names in texts that are also about other people. Pure functions."""

import html
import re
from collections.abc import Iterable

# a single word with fewer digits occurs in too many texts about other people
MIN_DIGITS = 6


def identifying_words(values: Iterable[str | None], *, full_name: str) -> tuple[str, ...]:
    """Return the values that identify a person, the longest first; always includes `full_name`.

    These are phrases of several words, e-mail addresses and words with six digits or more.
    """
    phrases = {" ".join(word.split()) for word in values if word and word.strip()}
    identifying = {
        phrase
        for phrase in phrases
        if " " in phrase or "@" in phrase or _count_digits(phrase) >= MIN_DIGITS
    }
    return tuple(
        sorted(
            identifying | {" ".join(full_name.split())}, key=lambda phrase: (-len(phrase), phrase)
        )
    )


def redaction_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of the words, in any case, with any whitespace, or HTML-escaped."""
    variants = {variant for phrase in phrases for variant in (phrase, html.escape(phrase))}
    ordered = sorted(variants, key=lambda variant: (-len(variant), variant))
    patterns = (r"\s+".join(map(re.escape, variant.split())) for variant in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


def redacted(value: object, pattern: re.Pattern[str], replacement: str) -> object:
    """Return a text or JSON value in which `replacement` stands for each match of `pattern`."""
    if isinstance(value, str):
        return pattern.sub(replacement, value)
    if isinstance(value, list):
        return [redacted(part, pattern, replacement) for part in value]
    if isinstance(value, dict):
        return {
            redacted(name, pattern, replacement): redacted(part, pattern, replacement)
            for name, part in value.items()
        }
    return value


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
