"""Requests nobody thought of, made up from the API's own description."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from app.api.rest import mount, rate_limits
from app.api.rest.rate_limits import RateLimit
from tests.api.conftest import Book

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Starlette(routes=[mount]))


@pytest.fixture
def admin(book: Book, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in ("PEOPLE", "ADDRESSES", "SIGN_INS"):
        monkeypatch.setattr(rate_limits, name, RateLimit(lambda: 1_000_000, name))
    return book.bearer("admin")


@schema.parametrize()
@settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_api_or_its_word(case: Case[Any], admin: dict[str, str]) -> None:
    case.call_and_validate(headers=admin, checks=CHECKS, timeout=120)
