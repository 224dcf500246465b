"""The OpenAPI document of the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api.rest.problems import MEDIA_TYPE

DESCRIPTION = """JSON API for donors, gifts, pledges, tasks, alerts and exchange rates.

Sign in with `POST auth/token`, send the access token as `Authorization: Bearer …`, and exchange
the refresh token at `POST auth/refresh` when the access token expires. Or create a personal API
token under My settings; it needs no sign-in and can be revoked there. The API has the same
permissions as the screens. A resource that you may not access gets the same response as one that
does not exist.

Amounts are decimal strings with an ISO 4217 currency; dates are ISO 8601. Lists return `next`;
send it as `after` to get the next page. Errors are problem details (RFC 9457); `detail` says what
to do. Requests that create a resource accept an `Idempotency-Key`: a repeated request within 24
hours returns the first response and creates nothing.
"""
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
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
            "description": "With 422: the invalid fields, each with the reason.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
        "theirs": {
            "type": "object",
            "description": "With 409: the conflicting fields, each with `saved` and `yours`.",
        },
        "question": {
            "type": "string",
            "description": "With an ambiguous file: the parameter that resolves the ambiguity.",
        },
        "samples": {"type": "array", "items": {"type": "string"}},
        "reference": {
            "type": "string",
            "description": "With 500 and 503: quote this reference to your administrator.",
        },
    },
}
STATUS_DESCRIPTIONS = {
    "401": "The access token is missing or invalid, or the credentials are wrong.",
    "403": "You do not have permission for this action.",
    "404": "Not found or not accessible.",
    "409": "Conflict with the current state, such as a change saved by another user.",
    "413": "The request body is too large.",
    "415": "The content type of the request body is not supported.",
    "422": "The request is invalid.",
    "429": "Too many requests; wait for the seconds in `Retry-After`.",
    "503": "The database is unavailable or busy; retry after the seconds in `Retry-After`.",
}


def build_document(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, built on the first call."""
    if api.openapi_schema is None:
        document = get_openapi(
            title=api.title,
            version=api.version,
            description=DESCRIPTION,
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
    responses = operation["responses"]
    responses.pop("422", None)
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
        responses[status] = {"description": STATUS_DESCRIPTIONS[status], "content": content}
    responses["default"] = {"description": "Any other error.", "content": content}
