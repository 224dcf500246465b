"""Child process of a restore drill: restore a backup into another database.

The file and the URL of the database are read as JSON from stdin, because the URL may contain a
password; the result is written as JSON to stdout.
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
    """Restore the backup and print the result of the comparison, or the error."""
    request = json.load(sys.stdin)
    try:
        with elsewhere(request["address"]):
            done = service.restore(
                Path(request["file"]), now=datetime.now(UTC), identity=request["identity"]
            )
    except DonorCrmError as error:
        answer: dict[str, object] = {"error": str(error)}
    else:
        answer = asdict(done)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
