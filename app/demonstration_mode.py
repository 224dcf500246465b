"""Whether this installation shows the demonstration: a file in DATA_DIR.

The demonstration has a database of its own beside that of the organisation. The processes read
the file when they start, and end when it has changed, so that they start again with the other
database.
"""

import os
import signal
import threading
from pathlib import Path

FILE = "demonstration"
# seconds between two looks at the file
INTERVAL = 1.0
# seconds between a switch and the end of the processes: the browser that switched gets the page
# that opens the new database by itself
GRACE = 2.0


def is_on(data_dir: Path) -> bool:
    """Return whether the demonstration is shown."""
    return (data_dir / FILE).exists()


def turn_on(data_dir: Path) -> None:
    """Show the demonstration from the next start of each process."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / FILE).touch()


def turn_off(data_dir: Path) -> None:
    """Show the organisation's own database from the next start of each process."""
    (data_dir / FILE).unlink(missing_ok=True)


def end_when_changed(data_dir: Path, *, started_with: bool) -> None:
    """Send this process SIGTERM as soon as the mode differs from the one it started with.

    Whoever supervises the process starts it again.
    """

    def watch() -> None:
        while is_on(data_dir) == started_with:
            threading.Event().wait(INTERVAL)
        threading.Event().wait(GRACE)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="demonstration mode", daemon=True).start()
