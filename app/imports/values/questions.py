"""The question that a file raises when it can be read in two ways."""

from app.kit.errors import InvalidError


class UndecidedError(InvalidError):
    """The file can be read in two ways; the user must choose one."""

    def __init__(self, message: str, question: str, samples: tuple[str, ...]) -> None:
        super().__init__(message)
        self.question = question
        self.samples = samples
