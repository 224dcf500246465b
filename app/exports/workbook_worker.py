"""A process of its own that turns a CSV file into a workbook, beside the process that serves.

Run as a file: as a module, the package's __init__ would load the database with it. Its argument
is JSON; what is wrong with a row is one sentence on stderr, with exit code 2.
"""

import json
import os
import resource
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
MEMORY = 2**30
# screens and the API are answered first
NICE = 5
REFUSED = 2


def main() -> int:
    """Write the workbook that the argument describes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(NICE)
    # the file's own folder would hide modules of the standard library behind ours
    sys.path[0] = str(HERE.parents[1])
    package = ModuleType("app.exports")
    package.__path__ = [str(HERE)]
    sys.modules["app.exports"] = package
    cells = import_module("app.exports.workbook_cells")
    asked = json.loads(sys.argv[1])
    holds = [cells.Holds(one) for one in asked["holds"]]
    try:
        cells.fill(Path(asked["table"]), Path(asked["made"]), holds, name=asked["name"])
    except cells.InvalidError as error:
        sys.stderr.write(str(error))
        return REFUSED
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
