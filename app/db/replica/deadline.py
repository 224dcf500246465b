"""Calls that are left alone when they take too long."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def within(
    seconds: float, call: Callable[[], Answer], *, discard: Callable[[Answer], None]
) -> Answer:
    """Call in a thread of its own and return the answer.

    `discard` is called with an answer that comes too late. `call` must not raise.

    Raises:
        TimeoutError: there is no answer after `seconds`.
    """
    lock, ended, answers, late = threading.Lock(), threading.Event(), list[Answer](), list[bool]()

    def run() -> None:
        answer = call()
        with lock:
            if not late:
                answers.append(answer)
        ended.set()
        if late:
            discard(answer)

    threading.Thread(target=run, name="replica", daemon=True).start()
    ended.wait(seconds)
    with lock:
        if answers:
            return answers[0]
        late.append(True)
    raise TimeoutError
