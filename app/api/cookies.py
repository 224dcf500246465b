"""The session cookie: how it is set and dropped."""

from starlette.responses import Response

from app.accounts import LONGEST_SESSION, cookie_name
from app.settings import settings


def set_cookie(response: Response, value: str) -> Response:
    """Put the session's cookie on a response: HttpOnly, same site, this host only."""
    response.set_cookie(
        cookie_name(),
        value,
        max_age=int(LONGEST_SESSION.total_seconds()),
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
