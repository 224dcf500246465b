"""The work of a page's main thread between two moments, from Chromium's own trace.

Durations are processor time of the thread, so that other work on the machine does not count.
"""

import json
from dataclasses import dataclass
from typing import Any

# the tasks of a thread, and inside them what DevTools shows in its timeline
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}
SCRIPT = {"EvaluateScript", "FunctionCall", "v8.compile", "TimerFire", "RunMicrotasks"}
LAYOUT = {"Layout", "UpdateLayoutTree", "RecalculateStyles", "IntersectionObserverController"}
PAINT = {"PrePaint", "Paint", "Layerize", "Commit", "UpdateLayer", "CompositeLayers"}
MAIN_THREAD = "CrRendererMain"


@dataclass(frozen=True, slots=True)
class Work:
    """Milliseconds of processor time of the main thread: all, and three of its parts."""

    busy: float
    script: float
    layout: float
    paint: float


def work_of(trace: bytes) -> Work:
    """Return the work in a trace in JSON.

    The trace may have several pages: the one with the most work counts. Events inside an event of
    the same kind are not counted twice.
    """
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == MAIN_THREAD
    }
    by_thread = {
        thread: [event for event in events if (event["pid"], event["tid"]) == thread]
        for thread in mains
    }
    return max(
        (
            Work(*(_sum(own, names) for names in (TASKS, SCRIPT, LAYOUT, PAINT)))
            for own in by_thread.values()
        ),
        key=lambda work: work.busy,
    )


def _sum(events: list[dict[str, Any]], names: set[str]) -> float:
    """Return the processor time in ms of the outermost complete events with one of these names."""
    chosen = sorted(
        (event for event in events if event["ph"] == "X" and event["name"] in names),
        key=lambda event: (event["ts"], -event.get("dur", 0)),
    )
    total, until = 0.0, 0.0
    for event in chosen:
        if event["ts"] >= until:
            total += event.get("tdur", 0)
            until = event["ts"] + event.get("dur", 0)
    return total / 1000
