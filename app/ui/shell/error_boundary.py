"""The one error boundary of the screens: whatever happens, a sentence and a way on."""

import logging
import secrets
import time
import traceback
from collections.abc import Callable

import streamlit as st

from app.db.errors import AWAY, DatabaseError, sentence
from app.kit.errors import ConfigurationError, DonorCrmError
from app.observability import report, rerun_took, traced
from app.ui.base.formats import escape

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong here. Try again, or tell your administrator the reference."


def guarded(run: Callable[[], None], *, page: str = "") -> None:
    """Run a screen; a known error is a sentence, an unknown one has a reference for the log."""
    began = time.perf_counter()
    try:
        with traced("screen", page or "today"):
            _guarded(run)
    finally:
        # also where the framework leaves a screen for another one, or for a newer drawing
        took = time.perf_counter() - began
        rerun_took(page or "today", took)
        log.info("screen drawn %s in %.0f ms", page or "today", took * 1000)


def _guarded(run: Callable[[], None]) -> None:
    try:
        run()
    except Exception as error:  # noqa: BLE001 - the last place where anything can be caught
        say(error)


def say(error: Exception) -> bool:
    """Say in a sentence what went wrong; True, as the framework then adds no words of its own.

    The framework hands over what goes wrong outside a screen, as where a button's work is done.
    """
    if isinstance(error, ConfigurationError):
        # its words are for whoever runs the server, and may name addresses inside the house
        _tell(AWAY, error, why=str(error))
    elif isinstance(error, DonorCrmError):
        st.error(escape(str(error)), icon=":material/error:")
    elif isinstance(error, DatabaseError):
        _tell(sentence(error), error)
    else:
        _tell(UNEXPECTED, error)
    return True


def _tell(words: str, error: Exception, *, why: str = "") -> None:
    reference = secrets.token_hex(4)
    # an error's own words and a statement's parameters are people's data: only places are logged
    places = [f"{one.filename}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)]
    log.error("screen failed %s %s %s at %s", reference, type(error).__name__, why, places[-6:])
    report(error, where="screen", reference=reference)
    st.error(f"{words} Reference {reference}.", icon=":material/error:")
