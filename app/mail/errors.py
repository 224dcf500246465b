"""How a try to send can fail: for good, or for now."""


class RefusedError(Exception):
    """The server will never take this message (a 5xx answer)."""


class TryLaterError(Exception):
    """Not now: a 4xx answer, a broken connection, a server out of reach."""
