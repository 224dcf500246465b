"""Languages that a donor may prefer, by their code in Babel's list of locales."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import Locale
from babel.localedata import locale_identifiers


@cache
def languages() -> Mapping[str, str]:
    """Return the languages without regional variants: code → English name, by name."""
    known = {code: _english_name(code) for code in locale_identifiers() if _is_language(code)}
    return MappingProxyType(dict(sorted(known.items(), key=lambda item: item[1])))


def language_name(code: str) -> str:
    """Return the English name of a language or of a regional variant."""
    return languages().get(code) or _english_name(code)


def language_code(words: str) -> str | None:
    """Return the code of a language given as a code ("pt-BR") or English name, or None."""
    wanted = words.strip().replace("-", "_").casefold()
    return _codes().get(wanted) or _codes().get(words.strip().casefold())


@cache
def _codes() -> Mapping[str, str]:
    names = {name.casefold(): code for code, name in languages().items()}
    return names | {code.casefold(): code for code in locale_identifiers()}


def _is_language(code: str) -> bool:
    # a region is written in capitals or digits: "pt_BR", "es_419"; a script is not: "zh_Hant"
    return not any(part.isupper() or part.isdigit() for part in code.split("_")[1:])


def _english_name(code: str) -> str:
    return Locale.parse(code).get_display_name("en") or code
