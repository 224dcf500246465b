"""Normalised spellings of column headers."""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4_000)
def normal(header: str) -> str:
    """Normalise a header as presets do: "Gift Amount ($)" and "giftAmount" → "gift_amount"."""
    text = unicodedata.normalize("NFKD", header.strip().lstrip("\ufeff").replace("ß", "ss"))
    text = "".join(character for character in text if not unicodedata.combining(character))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("'", "")).strip("_")


def distinct(headers: list[str]) -> list[str]:
    """Return the headers with a number after each repeated one: "Email", "Email 2"."""
    taken = {normal(header) for header in headers}
    seen: dict[str, int] = {}
    names = []
    for header in headers:
        base = normal(header)
        name = header
        if base and base in seen:
            while normal(name) in taken:
                seen[base] += 1
                name = f"{header} {seen[base]}"
            taken.add(normal(name))
        seen.setdefault(base, 1)
        names.append(name)
    return names
