"""Error responses as problem details (RFC 9457), with the same message as on the screens."""

import logging
import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.api.turns import BusyError
from app.db.errors import AWAY, REFUSED, DatabaseError, sentence
from app.donors import StaleDonorError
from app.imports import UndecidedError
from app.kit.amount_masking import without_amounts
from app.kit.errors import ConfigurationError, DonorCrmError
from app.kit.money import AMOUNT_PATTERN, CURRENCY_PATTERN
from app.observability import report
from app.settings import settings

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNEXPECTED = "Something went wrong here. Try again, or tell your administrator the reference."
SENTENCES = {
    400: "This request cannot be read.",
    404: "Nothing was found at this address.",
    405: "This address does not accept this method.",
}
# Pydantic's error types and our messages
REASONS = {
    "missing": "this is needed",
    "extra_forbidden": "there is no such field",
    "string_pattern_mismatch": "this is not in the right form",
    "json_invalid": "this is not JSON",
}
# what text has to look like, by the pattern that it has to match
FORMS = {
    AMOUNT_PATTERN: "write an amount as 12.50, without a sign",
    CURRENCY_PATTERN: "write a currency as EUR",
}
RETRY_SECONDS = 5


class SignInError(DonorCrmError):
    """The request has no valid token, or the credentials are wrong."""

    status = 401


class TooManyError(DonorCrmError):
    """The client exceeds the rate limit; `wait` is in seconds."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__(f"Too many requests. Wait {wait} s, then go on.")
        self.wait = wait


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> JSONResponse:
    """Return a problem response with type, title, status, detail and the `members`."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(
        body | {"detail": detail} | members,
        status,
        headers=dict(headers or {}),
        media_type=MEDIA_TYPE,
    )


def install(api: FastAPI) -> None:
    """Register the exception handlers that return problem responses."""
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)


def answer(error: Exception) -> JSONResponse:
    """Return the response for an exception; unexpected errors get a reference."""
    if isinstance(error, ConfigurationError):
        return _unavailable(error, AWAY)
    if isinstance(error, DonorCrmError):
        return problem(error.status, str(error), headers=_headers(error), **_extra_members(error))
    if isinstance(error, DatabaseError):
        detail = sentence(error)
        return _unavailable(error, detail) if detail != REFUSED else _internal_error(error, detail)
    return _internal_error(error, UNEXPECTED)


def _headers(error: DonorCrmError) -> dict[str, str]:
    if isinstance(error, SignInError):
        return {"www-authenticate": "Bearer"}
    return {"retry-after": str(error.wait)} if isinstance(error, TooManyError | BusyError) else {}


def _extra_members(error: DonorCrmError) -> dict[str, Any]:
    if isinstance(error, UndecidedError):
        choices = {"choices": list(error.choices)} if error.choices else {}
        return {"question": error.question, "samples": list(error.samples)} | choices
    if not isinstance(error, StaleDonorError):
        return {}
    both = {
        name: {"saved": saved, "yours": yours} for name, (saved, yours) in error.theirs.items()
    }
    return {"theirs": both}


def without_personal_data(error: StaleDonorError) -> StaleDonorError:
    """Return the conflict with amounts in its texts masked."""

    def masked(value: object) -> object:
        return without_amounts(value) if isinstance(value, str) else value

    theirs = {
        name: (masked(saved), masked(yours)) for name, (saved, yours) in error.theirs.items()
    }
    return StaleDonorError(str(error), theirs)


def _unavailable(error: Exception, detail: str) -> JSONResponse:
    return problem(
        503,
        detail,
        reference=_log_with_reference(error),
        headers={"retry-after": str(RETRY_SECONDS)},
    )


def _internal_error(error: Exception, detail: str) -> JSONResponse:
    return problem(500, detail, reference=_log_with_reference(error))


def _log_with_reference(error: Exception) -> str:
    reference = secrets.token_hex(4)
    # the message may contain personal data: only type and frames are logged
    frames = [
        f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    report(error, where="route", reference=reference)
    log.error("request failed %s %s at %s", reference, type(error).__name__, frames[-6:])
    if settings().debug:
        log.error("what happened", exc_info=error)
    return reference


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [{"field": _field_path(entry["loc"]), "reason": _reason(entry)} for entry in details]
    reasons = "; ".join(
        f"{field_error['field']}: {field_error['reason']}" for field_error in errors[:5]
    )
    return problem(422, f"This request is not right. {reasons}.".replace("..", "."), errors=errors)


def _reason(entry: Mapping[str, Any]) -> str:
    reason = FORMS.get(entry.get("ctx", {}).get("pattern", "")) or REASONS.get(entry["type"])
    return reason or str(entry["msg"]).removeprefix("Value error, ").removesuffix(
        " after validation, not 0"
    )


def _field_path(loc: tuple[int | str, ...]) -> str:
    """Return the path of a field in at most 100 ASCII characters: names may be user input."""
    where = ".".join(str(part) for part in loc)
    return where.encode("ascii", "replace").decode()[:100]


async def _http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return answer(error)
    detail = SENTENCES.get(error.status_code, str(error.detail))
    return problem(error.status_code, detail, headers=error.headers)
