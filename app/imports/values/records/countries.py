"""Names of countries as files write them, in several languages, and their codes."""

from functools import cache

from babel import Locale

_LANGUAGES = ("en", "de", "fr", "es", "nl", "hu", "pt")
_USUAL = frozenset(
    {"usa", "u.s.", "u.s.a.", "uk", "u.k.", "great britain", "england", "scotland", "wales"}
    | {"northern ireland", "holland", "czech republic", "turkey", "south korea"}
)


@cache
def _names() -> frozenset[str]:
    names = set(_USUAL)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code.isalpha():
                names |= {code.lower(), name.lower()}
    return frozenset(names)


def is_known(word: str) -> bool:
    """Return whether a cell is the name or the code of a country."""
    return word.strip().lower() in _names()
