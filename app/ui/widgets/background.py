"""Slow work of a screen, run in a background thread while the screen waits.

The screen shows the progress and a Cancel button, and holds no turn of the render limit meanwhile.
Its thread waits in short steps, so that a click, Back or a reload takes effect at once; the work
goes on, and the next rerun of the same screen waits for it or gets its result.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from app.imports import ReadingStoppedError, Stop
from app.kit.errors import InvalidError
from app.ui.base import render_limit

# tasks of all screens that run at the same time; the others wait
AT_ONCE = 4
# delay before the progress is shown
QUIET_SECONDS = 0.4
# interval of the checks whether the user clicked
STEP_SECONDS = 0.25
T = TypeVar("T")
POOL = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="background")


@dataclass(slots=True)
class _Job:
    key: str
    future: Future[Any]
    stop: Stop
    began: float = field(default_factory=time.monotonic)


def result(slot: str, key: str, work: Callable[[Stop], T], *, doing: str) -> T:
    """Return the result of `work`, run once per `key`; `slot` is its key in the session state.

    `work` runs in another thread: it must not use the screen or the session. Work for an earlier
    key of the slot is stopped.

    Raises:
        ReadingStoppedError: the user cancelled it. Any other error of `work` is re-raised.
    """
    job = st.session_state.get(slot)
    if job is None or job.key != key:
        cancel(slot)
        stop = Stop()
        job = st.session_state[slot] = _Job(key, POOL.submit(work, stop), stop)
    if not job.future.done():
        _wait(job, slot, doing)
    if job.stop.is_set or job.future.cancelled():
        raise ReadingStoppedError
    error = job.future.exception()
    if error is not None:
        if not isinstance(error, InvalidError):
            # the file is not the cause: the next rerun tries again
            st.session_state.pop(slot, None)
        raise error.with_traceback(None)
    value: T = job.future.result()
    return value


def cancel(slot: str) -> None:
    """Cancel the work of a slot, if any; it does not restart by itself."""
    job = st.session_state.get(slot)
    if job is not None and not job.future.done():
        job.stop.set()
        job.future.cancel()


def show_cancelled(*slots: str) -> None:
    """Show that the work was cancelled, with a button to start it again."""
    st.warning("Reading this file was cancelled. Nothing was saved.", icon=":material/block:")
    st.button(
        "Read the file", icon=":material/refresh:", on_click=_forget_cancelled, args=(slots,)
    )


def _forget_cancelled(slots: tuple[str, ...]) -> None:
    for slot in slots:
        job = st.session_state.get(slot)
        if job is not None and job.stop.is_set:
            del st.session_state[slot]


def _wait(job: _Job, slot: str, doing: str) -> None:
    with render_limit.released():
        wait([job.future], timeout=QUIET_SECONDS)
        if job.future.done():
            return
        placeholder = st.empty()
        with placeholder.container():
            text, button = st.columns([5, 2], vertical_alignment="center")
            line = text.empty()
            button.button(
                "Cancel",
                icon=":material/close:",
                key=f"{slot}_cancel",
                on_click=cancel,
                args=(slot,),
                width="stretch",
            )
        while not job.future.done():
            # if the user has clicked meanwhile, Streamlit stops this rerun here
            seconds = int(time.monotonic() - job.began)
            line.info(f"{doing} … {seconds} s", icon=":material/hourglass_top:")
            wait([job.future], timeout=STEP_SECONDS)
        placeholder.empty()
