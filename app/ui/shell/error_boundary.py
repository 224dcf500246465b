"""Error boundary of the screens: shows every error as a sentence."""

import logging
import secrets
import time
import traceback
from collections.abc import Callable

import streamlit as st

from app.db.errors import AWAY, DatabaseError, sentence
from app.kit.errors import ConfigurationError, DonorCrmError
from app.observability import observe_rerun, report, traced
from app.ui.base.formats import escape

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong here. Try again, or tell your administrator the reference."


def run_guarded(run: Callable[[], None], *, page: str = "") -> None:
    """Run a screen; show a known error as a sentence, any other with a reference to the log."""
    began = time.perf_counter()
    try:
        with traced("screen", page or "today"):
            _run(run)
    finally:
        # also when Streamlit stops a screen for another screen or a newer rerun
        took = time.perf_counter() - began
        observe_rerun(page or "today", took)
        log.info("screen drawn %s in %.0f ms", page or "today", took * 1000)


def _run(run: Callable[[], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 - the last place where anything can be caught
        show_error(error)


def show_error(error: Exception) -> bool:
    """Show an error as a sentence; return True, so that Streamlit shows no message of its own.

    Streamlit calls this for errors outside a screen, for example in a button's callback.
    """
    if isinstance(error, ConfigurationError):
        # its message is for the operator and may name internal addresses: log it, do not show it
        _show_with_reference(AWAY, error, detail=str(error))
    elif isinstance(error, DonorCrmError):
        st.error(escape(str(error)), icon=":material/error:")
    elif isinstance(error, DatabaseError):
        _show_with_reference(sentence(error), error)
    else:
        _show_with_reference(UNEXPECTED, error)
    return True


def _show_with_reference(message: str, error: Exception, *, detail: str = "") -> None:
    reference = secrets.token_hex(4)
    # messages and statement parameters may contain personal data: log only the code locations
    places = [
        f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error("screen failed %s %s %s at %s", reference, type(error).__name__, detail, places[-6:])
    report(error, where="screen", reference=reference)
    st.error(f"{message} Reference {reference}.", icon=":material/error:")
