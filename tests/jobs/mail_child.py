"""A scheduler's hour without its waits: summaries that are due, then mail, again and again."""

import sys
from datetime import UTC, datetime, timedelta

from jobs.tasks import send_mail, weekly_summaries

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def main() -> None:
    """Work until killed; a line on stdout says that a round begins."""
    # as many minutes after the first child as it is the nth: what a dead one holds is let go
    now = NOW + timedelta(minutes=11 * int(sys.argv[1]))
    while True:
        print("round", flush=True)
        weekly_summaries.run(now)
        send_mail.run(now)


if __name__ == "__main__":
    main()
