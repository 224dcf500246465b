"""The session cookie: its name and how it is set and dropped."""

from starlette.responses import Response

from app.settings import settings

SECONDS = 14 * 24 * 3600


def cookie_name() -> str:
    """Return the cookie's name; over https the prefix forbids other hosts and paths."""
    return "__Host-donorcrm" if settings().secure else "donorcrm"


def set_cookie(response: Response, value: str) -> Response:
    """Put the session's cookie on a response: HttpOnly, same site, this host only."""
    response.set_cookie(
        cookie_name(),
        value,
        max_age=SECONDS,
        path="/",
        httponly=True,
        secure=settings().secure,
        samesite="lax",
    )
    return response


def drop_cookie(response: Response) -> Response:
    """Take the session's cookie out of the browser."""
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, secure=settings().secure, samesite="lax"
    )
    return response
