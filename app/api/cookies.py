"""Set and delete the session cookie and the device cookie."""

from datetime import timedelta

from starlette.responses import Response

from app.accounts import DEVICE_LASTS, LONGEST_SESSION, cookie_name, device_cookie_name
from app.settings import settings


def set_cookie(response: Response, value: str) -> Response:
    """Set the session cookie on a response: HttpOnly, SameSite=Lax, this host only."""
    return _set(response, cookie_name(), value, LONGEST_SESSION)


def set_device_cookie(response: Response, value: str) -> Response:
    """Set the device cookie with the same attributes; it outlives every session."""
    return _set(response, device_cookie_name(), value, DEVICE_LASTS)


def drop_cookie(response: Response) -> Response:
    """Delete the session cookie."""
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
