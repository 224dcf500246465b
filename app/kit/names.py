"""Names of persons and organisations; an organisation's name is never split."""

import re
import unicodedata

ORGANISATION_WORDS = frozenset(
    """
    association bank baptist cathedral center centre chapel charity church club college company
    community congregation cooperative corp corporation council diocese enterprises fellowship
    foundation fund gmbh group hospital inc institute international kirche llc ltd ministries
    ministry mission mosque office parish partners school seminary services society stiftung
    synagogue team temple trust union university verein
    """.split()  # noqa: SIM905
)


def looks_like_organisation(name: str) -> bool:
    """Return whether a name contains a word that is typical of organisations."""
    name_words = re.findall(r"[^\W\d_]+", name.lower())
    return any(name_word in ORGANISATION_WORDS for name_word in name_words)


def person(first: str | None, last: str | None) -> str:
    """Return a person's full name from its parts."""
    return fold(f"{first or ''} {last or ''}")


def couple(
    first: str | None,
    last: str | None,
    spouse_first: str | None,
    spouse_last: str | None = None,
) -> str:
    """Return the name of two people: "Tom and Ana Whitfield", "Tom Reed and Ana Sol"."""
    if not fold(spouse_first or ""):
        return person(first, last)
    if fold(spouse_last or "") in {"", fold(last or "")}:
        return fold(f"{first or ''} and {spouse_first} {last or ''}")
    return f"{person(first, last)} and {person(spouse_first, spouse_last)}"


def salutation(
    kind: str, name: str, first: str | None = None, spouse_first: str | None = None
) -> str:
    """Return the salutation: "Ruth", "Tom and Ana", or the organisation's whole name."""
    if kind == "organisation" or not first:
        return name
    return f"{first} and {spouse_first}" if spouse_first else first


def fold(text: str) -> str:
    """Collapse every run of white space to one blank and strip both ends."""
    return " ".join(text.split())


def search_text(*parts: str | None) -> str:
    """Return the parts as one lower-case text without accents, for search."""
    joined = " ".join(part for part in parts if part)
    plain = unicodedata.normalize("NFKD", joined)
    return fold("".join(c for c in plain if not unicodedata.combining(c)).lower())
