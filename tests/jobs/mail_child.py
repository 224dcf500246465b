"""A scheduler's hour without its waits: summaries that are due, then mail, again and again.

For each number on stdin a process of its own works until it is killed.
"""

import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from jobs.tasks import send_mail, weekly_summaries

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def main() -> None:
    """For each number: fork and print the child's process id; none outlives stdin."""
    # a killed child leaves no zombie: its exit status is not waited for
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            # nothing of the parent's is open yet: the connection is the child's own
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(int(line))
        children.append(child)
        print(child, flush=True)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def work(number: int) -> None:
    """Write and send until killed."""
    # as many minutes after the first child as it is the nth: what a dead one holds is let go
    now = NOW + timedelta(minutes=11 * number)
    while True:
        weekly_summaries.run(now)
        send_mail.run(now)


if __name__ == "__main__":
    main()
