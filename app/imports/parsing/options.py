"""Options of parsing a file: detected from the file, or chosen by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.kit.errors import InvalidError


class UndecidedError(InvalidError):
    """The file can be read in two ways; the user must choose one.

    `choices` are the possible answers, where they depend on the file; `samples` has then a text
    for each of them.
    """

    def __init__(
        self,
        message: str,
        question: str,
        samples: tuple[str, ...],
        choices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.question = question
        self.samples = samples
        self.choices = choices


@dataclass(frozen=True, slots=True)
class Options:
    """The user's answers and the organisation's settings that parsing depends on.

    `instance_id` marks ids of DonorCRM's own exports; `repeats` lets identical rows without an id
    count as separate gifts; `owner_id` is the owner of new donors (None: no owner yet).
    """

    today: date
    currency: str
    instance_id: str
    date_order: str | None = None
    decimal: str | None = None
    repeats: bool = False
    source: str = "file"
    owner_id: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    # donor field → fill, overwrite or keep, where the user overrides the format's policy
    policies: Mapping[str, str] = field(default_factory=dict)
