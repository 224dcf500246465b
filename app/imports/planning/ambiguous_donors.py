"""Questions about rows that may match several donors: the user decides, no match is guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.kit.errors import InvalidError

# kind → what is unclear; without an answer, rows of the last kind create new donors
KINDS = {
    "email_name": "The e-mail belongs to a donor with another name",
    "email_many": "Several donors have this e-mail",
    "name_many": "Several donors have this name and the same postcode or phone",
    "similar": "Somebody with a similar name is here already",
}
SAME, NEW, SKIP = "same", "new", "skip"
MAX_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A donor that the row may mean.

    A negative `donor_id` stands for a donor that an earlier file of the batch adds.
    """

    donor_id: int
    name: str
    email: str | None
    city: str | None
    phone: str | None = None
    # street and postal code
    address: str | None = None
    gifts: int = 0
    last_gift_date: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the file and the donors it may mean; `alike` counts the rows of the same kind.

    An answer is stored under the row's number: a candidate's number, "new" or "skip". Under
    "*<kind>" it applies to all rows of that kind without an answer of their own; there, "same"
    means the only candidate, if there is exactly one.
    """

    row: int
    kind: str
    name: str
    email: str | None
    city: str | None
    candidates: tuple[Candidate, ...]
    alike: int
    phone: str | None = None
    address: str | None = None


def checked_answers(answers: Mapping[str, str] | None) -> dict[str, str]:
    """Return the validated answers, sorted by key.

    Raises:
        InvalidError: an entry is not a valid answer.
    """
    for key, answer in (answers or {}).items():
        for_all = key.startswith("*") and key[1:] in KINDS
        choices = {SAME, NEW, SKIP} if for_all else {NEW, SKIP}
        if not (for_all or _is_number(key)) or not (
            answer in choices or _is_number(answer.removeprefix("-"))
        ):
            msg = f"“{key}: {answer}” answers no question about people."
            raise InvalidError(msg)
    return dict(sorted((answers or {}).items()))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - of a bigint
