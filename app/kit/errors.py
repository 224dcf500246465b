"""Every error a person may be shown."""


class DonorCrmError(Exception):
    """Base of the errors that pages show as a sentence and the API as a status."""

    status = 400

    def __str__(self) -> str:
        """Return the sentence as text that every screen and answer can encode."""
        return super().__str__().encode("utf-8", "replace").decode()


class InvalidError(DonorCrmError):
    """What was typed cannot be right; the message says what and how to mend it."""

    status = 422


class NotAllowedError(DonorCrmError):
    """The actor may not change this."""

    status = 403


class SignedOutError(NotAllowedError):
    """The session, the token or the account this was begun with has ended."""

    status = 401


class NotFoundError(DonorCrmError):
    """The record does not exist, or the actor may not see it: both sound alike."""

    status = 404


class ConflictError(DonorCrmError):
    """Someone else changed the record first."""

    status = 409


class ConfigurationError(DonorCrmError):
    """A setting or the machine stands in the way; the message says the way on."""

    status = 503


class ConfirmFirstError(DonorCrmError):
    """The person has to enter the password or a code once more; `password`: there is one."""

    status = 403

    def __init__(self, *, password: bool, code: bool) -> None:
        super().__init__("Please confirm first that it is you.")
        self.password, self.code = password, code
