"""The OpenAPI document of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.rest.problems import MEDIA_TYPE

WORDS = """Donors, gifts, pledges, tasks and alerts for programs.

Sign in with `POST auth/token`, send the access token as `Authorization: Bearer …`, and exchange
the refresh token at `POST auth/refresh` when it ends; or send a token of your own, made under My
settings, which needs no signing in and may be ended there. You see and change what you see and
change on the screens, and no more: what is hidden and what does not exist answer alike.

Amounts are decimals in strings with an ISO 4217 currency, days are ISO 8601. Lists give `next`,
to be sent as `after`. Every error is a problem of RFC 9457 whose `detail` is a sentence to act on.
Making something takes an `Idempotency-Key`: sent again within a day, nothing is made twice.
"""
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {
            "type": "string",
            "examples": ["There is no such donor, or it is not yours to see."],
        },
        "errors": {
            "type": "array",
            "description": "With 422: what is wrong, field by field.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "theirs": {
            "type": "object",
            "description": "With 409: each field somebody saved first, `saved` and `yours`.",
        },
        "question": {
            "type": "string",
            "description": "With a file that can be read in two ways: which parameter decides.",
        },
        "samples": {"type": "array", "items": {"type": "string"}},
        "reference": {
            "type": "string",
            "description": "With 500 and 503: quote this reference to your administrator.",
        },
    },
}
MEANINGS = {
    "401": "There is no good token with the request, or the password is wrong.",
    "403": "You see this but may not change it, or your role does not allow it.",
    "404": "It does not exist, or it is not yours to see: both sound alike.",
    "409": "Somebody else was first.",
    "413": "The body is too large.",
    "415": "The body is not of the right kind.",
    "422": "Something in the request cannot be right.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
    "503": "The database is away or busy; `Retry-After` says when to try again.",
}


def describe(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, built on the first call."""
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            description=WORDS,
            routes=api.routes,
            servers=[{"url": "/api/v1"}],
        )
        schemas = document["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"] = PROBLEM
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _add_problems(path, operation)
        api.openapi_schema = document
    return api.openapi_schema


def _add_problems(path: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    expected = {"422", "429", "503"}
    if "security" in operation or path.endswith(("/token", "/refresh")):
        expected |= {"401"}
    if "security" in operation:
        expected |= {"403"}
    if "{" in path:
        expected |= {"404"}
    if "requestBody" in operation:
        expected |= {"404", "409", "413", "415"}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted(expected):
        answers[status] = {"description": MEANINGS[status], "content": content}
    answers["default"] = {"description": "Anything else that goes wrong.", "content": content}
