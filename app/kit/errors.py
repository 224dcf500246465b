"""The errors whose message is shown to users."""


class DonorCrmError(Exception):
    """Base of the errors that screens show as a sentence and the API returns as a status."""

    status = 400

    def __str__(self) -> str:
        """Return the message as text that can be encoded as UTF-8."""
        return super().__str__().encode("utf-8", "replace").decode()


class InvalidError(DonorCrmError):
    """The input is not valid; the message says why and how to correct it."""

    status = 422


class NotAllowedError(DonorCrmError):
    """The actor may not change this."""

    status = 403


class SignedOutError(NotAllowedError):
    """The session, token or account used for this request is no longer valid."""

    status = 401


class NotFoundError(DonorCrmError):
    """The record does not exist or the actor may not see it; both have the same message."""

    status = 404


class ConflictError(DonorCrmError):
    """The record was changed by another request in the meantime."""

    status = 409


class ConfigurationError(DonorCrmError):
    """A setting or the environment prevents the action; the message says what to do."""

    status = 503


class ConfirmFirstError(DonorCrmError):
    """The user must enter the password or a code again.

    `password` and `code` say which of the two the user has.
    """

    status = 403

    def __init__(self, *, password: bool, code: bool) -> None:
        super().__init__("Please confirm first that it is you.")
        self.password, self.code = password, code
