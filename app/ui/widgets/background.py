"""Work of a screen that takes seconds, done by a background thread while the screen waits.

The screen shows what is being done and a Cancel button, and holds no turn to draw meanwhile. Its
thread waits in short steps, so that a click, Back or a reload is answered at once; the work goes
on, and the next drawing of the same screen waits for it or finds it done.
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

# pieces of work of all screens at the same time; the others wait
AT_ONCE = 4
# before it is shown that something takes time
QUIET_SECONDS = 0.4
# between two looks whether the person clicked
STEP_SECONDS = 0.25
T = TypeVar("T")
_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="background")


@dataclass(slots=True)
class _Job:
    key: str
    future: Future[Any]
    stop: Stop
    began: float = field(default_factory=time.monotonic)


def result(slot: str, key: str, work: Callable[[Stop], T], *, doing: str) -> T:
    """Return what `work` returns, done once for a key; `slot` is where the session keeps it.

    `work` runs in another thread: it must not use the screen or the session. Work for an earlier
    key of the slot is stopped.

    Raises:
        ReadingStoppedError: the person cancelled it. Whatever else `work` raises is raised here.
    """
    job = st.session_state.get(slot)
    if job is None or job.key != key:
        cancel(slot)
        stop = Stop()
        job = st.session_state[slot] = _Job(key, _pool.submit(work, stop), stop)
    if not job.future.done():
        _wait(job, slot, doing)
    if job.stop.is_set or job.future.cancelled():
        raise ReadingStoppedError
    error = job.future.exception()
    if error is not None:
        if not isinstance(error, InvalidError):
            # not because of the file: the next drawing tries again
            st.session_state.pop(slot, None)
        raise error.with_traceback(None)
    done: T = job.future.result()
    return done


def cancel(slot: str) -> None:
    """Stop the work of a slot, where there is any; it is not begun again by itself."""
    job = st.session_state.get(slot)
    if job is not None and not job.future.done():
        job.stop.set()
        job.future.cancel()


def ask_again(*slots: str) -> None:
    """Say that the work was cancelled, and offer to begin it again."""
    st.warning("Reading this file was cancelled. Nothing was saved.", icon=":material/block:")
    st.button("Read the file", icon=":material/refresh:", on_click=_forget, args=(slots,))


def _forget(slots: tuple[str, ...]) -> None:
    for slot in slots:
        job = st.session_state.get(slot)
        if job is not None and job.stop.is_set:
            del st.session_state[slot]


def _wait(job: _Job, slot: str, doing: str) -> None:
    with render_limit.released():
        wait([job.future], timeout=QUIET_SECONDS)
        if job.future.done():
            return
        place = st.empty()
        with place.container():
            says, button = st.columns([5, 2], vertical_alignment="center")
            line = says.empty()
            button.button(
                "Cancel", icon=":material/close:", key=f"{slot}_cancel", on_click=cancel,
                args=(slot,), width="stretch",
            )  # fmt: skip
        while not job.future.done():
            # where the person clicked meanwhile, the framework ends this drawing here
            seconds = int(time.monotonic() - job.began)
            line.info(f"{doing} … {seconds} s", icon=":material/hourglass_top:")
            wait([job.future], timeout=STEP_SECONDS)
        place.empty()
