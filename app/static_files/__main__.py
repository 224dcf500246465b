"""Make the compressed static files of this installation: `python -m app.static_files [FOLDER]`."""

import os
import sys
from pathlib import Path

from app.static_files import store


def main(arguments: list[str]) -> int:
    """Make the folder in the Python environment or in the one named; return the exit code.

    An environment that cannot be written is no error: the first start makes the files in DATA_DIR.
    """
    place = Path(arguments[0]) if arguments else store.in_environment()
    try:
        store.make(place, threads=os.cpu_count() or 1, patient=False)
    except OSError as error:
        sys.stderr.write(f"The static files are compressed at the first start ({error}).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
