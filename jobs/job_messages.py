"""The result message of a job."""

from app.kit.formatting import count


def job_message(*parts: tuple[int, str, str | None]) -> str:
    """Join counts with their nouns, omitting zeros: "3 new alerts, 1 mail queued"."""
    words = [count(number, one, many) for number, one, many in parts if number]
    return f"{', '.join(words)}." if words else "Nothing new."
