"""The question that a file raises when it can be read in two ways."""

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
