"""The search for personal data in all that a test run wrote finds what is there."""

import logging

import pytest

from tests.log_leak_guard import Told

NAME = "Quintessa Canary"


@pytest.fixture
def told() -> Told:
    """A search of its own: what is found here must not fail the whole run."""
    return Told()


def test_a_name_in_any_output_is_found(told: Told) -> None:
    told.about(NAME, "quintessa@example.org", "12345.67")
    assert told.found() == []
    record = logging.LogRecord("app", logging.INFO, "", 0, f"saved {NAME}", None, None)
    told.handler.handle(record)
    told.kept["numbers"].append('donors{name="quintessa@example.org"} 1')
    told.kept["reports"].append("a gift of 12345.67")
    assert [line.partition(":")[0] for line in told.found()] == ["logs", "numbers", "reports"]


@pytest.mark.parametrize(
    "token", ["dcrm_0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0"]
)
def test_a_token_is_found_whoever_it_belongs_to(told: Told, token: str) -> None:
    told.kept["logs"].append(f"authorization: {token}")
    assert len(told.found()) == 1


def test_short_words_are_no_names(told: Told) -> None:
    told.about("Ann", "Ann Lee", "1.20", None)
    assert told.canaries == set()
