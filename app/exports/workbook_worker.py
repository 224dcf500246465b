"""Child process that converts a CSV file to a workbook, outside the web process.

Run it as a file: as a module, the package's __init__ would also load the database. Its argument
is JSON; an error in a row is written to stderr as one sentence, with exit code 2.
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
# lower priority than screens and the API
NICE = 5
REFUSED = 2


def main() -> int:
    """Write the workbook described by the argument; return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(NICE)
    # modules in this folder would shadow modules of the standard library
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
