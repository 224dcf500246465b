"""The sentence a job ends with: what it did, and nothing of what it did not."""

from app.kit.formatting import count


def said(*parts: tuple[int, str, str | None]) -> str:
    """Join counts with their nouns, the zeros left out: "3 new alerts, 1 mail queued"."""
    words = [count(number, one, many) for number, one, many in parts if number]
    return f"{', '.join(words)}." if words else "Nothing new."
