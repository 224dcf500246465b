"""Names of persons and organisations; an organisation's name is never split."""

import unicodedata


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
