"""Child process that converts a CSV file to a workbook, outside the web process.

It is started as a file and imports only `app.workbook_writer` and `app.kit`. Its argument is JSON;
an error in a row is written to stderr as one sentence, with exit code 2.
"""

import json
import os
import resource
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 2**30
# lower priority than screens and the API
NICE = 5
REFUSED = 2


def main() -> int:
    """Write the workbook described by the argument; return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(NICE)
    # the script's own folder would shadow modules of the standard library
    sys.path[0] = str(ROOT)
    sheet = import_module("app.workbook_writer.sheet")
    request = json.loads(sys.argv[1])
    holds = [sheet.Holds(name) for name in request["holds"]]
    try:
        sheet.fill(
            Path(request["table"]),
            Path(request["made"]),
            holds,
            rows=request["rows"],
            name=request["name"],
            days=request["days"],
        )
    except sheet.InvalidError as error:
        sys.stderr.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
