"""Whom a row may mean, when the file alone does not say: asked, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.kit.errors import InvalidError

# kind → what is unclear; rows of the last one come in as new people unless somebody says else
KINDS = {
    "email_name": "The e-mail belongs to a donor with another name",
    "email_many": "Several donors have this e-mail",
    "name_many": "Several donors have this name and the same postcode or phone",
    "similar": "Somebody with a similar name is here already",
}
SAME, NEW, SKIP = "same", "new", "skip"
MOST = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A donor the row may mean."""

    donor_id: int
    name: str
    email: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the file and whom it may mean; `alike` counts the rows with such a question.

    An answer is kept under the row's number: a candidate's number, "new" or "skip". Under
    "*<kind>" it is for all of that kind not answered by themselves; there, "same" means the one
    candidate, where there is one.
    """

    row: int
    kind: str
    name: str
    email: str | None
    city: str | None
    candidates: tuple[Candidate, ...]
    alike: int


def checked(answers: Mapping[str, str] | None) -> dict[str, str]:
    """Return the answers in order.

    Raises:
        InvalidError: something in it is no answer.
    """
    for key, answer in (answers or {}).items():
        for_all = key.startswith("*") and key[1:] in KINDS
        known = {SAME, NEW, SKIP} if for_all else {NEW, SKIP}
        if not (for_all or _is_number(key)) or not (answer in known or _is_number(answer)):
            msg = f"“{key}: {answer}” answers no question about people."
            raise InvalidError(msg)
    return dict(sorted((answers or {}).items()))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - of a bigint
