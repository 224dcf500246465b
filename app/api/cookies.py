"""The session cookie and the device cookie: how they are set and dropped."""

from datetime import timedelta

from starlette.responses import Response

from app.accounts import DEVICE_LASTS, LONGEST_SESSION, cookie_name, device_cookie_name
from app.settings import settings


def set_cookie(response: Response, value: str) -> Response:
    """Put the session's cookie on a response: HttpOnly, same site, this host only."""
    return _set(response, cookie_name(), value, LONGEST_SESSION)


def set_device_cookie(response: Response, value: str) -> Response:
    """Put the device's cookie on a response in the same way; it outlives every session."""
    return _set(response, device_cookie_name(), value, DEVICE_LASTS)


def drop_cookie(response: Response) -> Response:
    """Take the session's cookie out of the browser."""
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, secure=settings().secure, samesite="lax"
    )
    return response


def _set(response: Response, name: str, value: str, lasts: timedelta) -> Response:
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        httponly=True,
        secure=settings().secure,
        samesite="lax",
    )
    return response
