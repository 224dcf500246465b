"""Does one queued import per line of stdin, each in a process of its own that may be killed."""

import os
import sys
from datetime import UTC, datetime

from app import imports

TODAY = datetime(2026, 11, 23, tzinfo=UTC)


def main() -> None:
    """For each run id: fork, print the child's number, and say how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            # nothing of the parent's is open yet: the connection is the child's own
            imports.run_queued(int(line), today=TODAY.date(), now=TODAY)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
