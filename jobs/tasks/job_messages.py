"""The result message of a job."""

from app.kit.formatting import count


def job_message(*parts: tuple[int, str, str | None]) -> str:
    """Join counts with their nouns, omitting zeros: "3 new alerts, 1 mail queued"."""
    phrases = [count(number, singular, many) for number, singular, many in parts if number]
    return f"{', '.join(phrases)}." if phrases else "Nothing new."
