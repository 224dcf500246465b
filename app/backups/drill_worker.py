"""Restore a backup into another database, in a process of its own: the drill's second half.

What to restore and where comes as JSON on stdin, for an address may hold a password; how it went
leaves as JSON on stdout.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from app.backups import service
from app.db import elsewhere
from app.kit.errors import DonorCrmError


def main() -> None:
    """Restore, and answer with what was compared or with the reason why it failed."""
    asked = json.load(sys.stdin)
    try:
        with elsewhere(asked["address"]):
            done = service.restore(
                Path(asked["file"]), now=datetime.now(UTC), identity=asked["identity"]
            )
    except DonorCrmError as error:
        answer: dict[str, object] = {"error": str(error)}
    else:
        answer = asdict(done)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
