"""Permanent and temporary errors of sending."""


class RefusedError(Exception):
    """A permanent failure: the server rejects this message (a 5xx reply)."""


class TryLaterError(Exception):
    """A temporary failure: a 4xx reply, a broken connection or an unreachable server."""
