"""The boundary: every kind of error is a sentence, and the log names no person."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from streamlit.testing.v1 import AppTest

from app.kit.errors import NotFoundError

CANARY = "Eleanor Vance eleanor@vance.example $12,345.67"


def failing() -> None:
    """The script under test: it stands alone, so it imports what it needs."""
    import streamlit as st  # noqa: PLC0415

    from app.ui.boundary import guarded  # noqa: PLC0415

    def run() -> None:
        st.title("Before")
        error = st.session_state["error"]
        if error is None:
            st.stop()
        raise error

    guarded(run)
    st.title("After")


def run(error: Exception | None) -> AppTest:
    page = AppTest.from_function(failing)
    page.session_state["error"] = error
    return page.run()


ERRORS = {
    r"This \*donor\* does not exist\.": NotFoundError("This *donor* does not exist."),
    "The database refused this. Nothing was saved.": IntegrityError(
        CANARY, {"name": CANARY}, Exception(CANARY)
    ),
    "That took too long. Narrow the filters": OperationalError(
        CANARY, {}, Exception(f"canceling statement due to statement timeout {CANARY}")
    ),
    "The database cannot be reached right now.": OperationalError(CANARY, {}, Exception(CANARY)),
    "Many people are working right now.": PoolTimeoutError(CANARY),
    "Something went wrong here.": KeyError(CANARY),
}


@pytest.mark.parametrize("sentence", ERRORS)
def test_an_error_is_a_sentence_and_a_place_in_the_log(sentence, caplog):
    page = run(ERRORS[sentence])
    assert not page.exception
    (said,) = page.error
    assert said.value.startswith(sentence)
    assert "Eleanor" not in said.value + caplog.text
    assert "12,345" not in said.value + caplog.text
    if "Reference" in said.value:
        reference = said.value.rstrip(".").rpartition(" ")[2]
        assert f"screen failed {reference}" in caplog.text
        assert "boundary.py" in caplog.text
    else:
        assert "screen failed" not in caplog.text


def test_stopping_passes_through():
    page = run(None)
    assert [one.value for one in page.title] == ["Before"]
    assert not page.error
