"""Supervised child processes, and the file of process ids for the start after a kill."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import typer

from app.kit.errors import ConfigurationError
from app.settings import ROOT

# seconds a process may take to end after SIGTERM
PATIENCE = 15
# seconds before a process that ended is restarted, doubled each time until LONGEST_WAIT;
# reset after it has run for STAYED seconds
FIRST_WAIT, LONGEST_WAIT, STAYED = 1, 60, 60


@dataclass(slots=True)
class SupervisedProcess:
    """A child process that is restarted when it ends by itself."""

    name: str
    module: Sequence[str]
    wait: int = FIRST_WAIT
    since: float = 0.0
    process: psutil.Popen | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process in its own session: Ctrl-C reaches only the parent, which stops it."""
        self.process = psutil.Popen(
            [sys.executable, "-m", *self.module],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.since = time.monotonic()

    def revive(self) -> bool:
        """Restart the process if it ended and its wait is over; return whether it was started."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return False
            if now - self.since > STAYED:
                self.wait = FIRST_WAIT
            typer.echo(f"{self.name} ended with code {code}. Starting it again in {self.wait} s.")
            self.process, self.since = None, now
        if now - self.since < self.wait:
            return False
        self.wait = min(self.wait * 2, LONGEST_WAIT)
        self.start()
        return True

    def stop(self) -> None:
        """Terminate the process, and kill it if it does not end in time."""
        if self.process is not None:
            end_processes([self.process])


def end_processes(processes: Sequence[psutil.Process]) -> None:
    """Terminate the processes, and kill those that do not end within PATIENCE seconds."""
    for process in processes:
        if process.is_running():
            process.terminate()
    _ended, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=PATIENCE)


def write_pid_file(file: Path, supervised: Sequence[SupervisedProcess]) -> None:
    """Write the running processes to `file`, this one first, for the start after a kill."""
    living = [psutil.Process(), *(child.process for child in supervised if child.process)]
    draft = file.with_suffix(".new")
    facts = [(process.pid, process.create_time()) for process in living]
    draft.write_text(json.dumps(facts), encoding="ascii")
    draft.replace(file)


def end_leftover_processes(file: Path) -> None:
    """End the remaining child processes of an earlier run that was killed.

    Raises:
        ConfigurationError: the earlier run is still running.
    """
    if not file.exists():
        return
    first, *children = [_same_process(*facts) for facts in json.loads(file.read_text("ascii"))]
    if first is not None:
        msg = (
            f"DonorCRM already runs here, as process {first.pid}. Stop it with Ctrl-C, or start "
            "a second one with folders of its own: DATA_DIR=var2 PORT=8502 make run"
        )
        raise ConfigurationError(msg)
    leftover = [child for child in children if child is not None]
    if leftover:
        typer.echo("An earlier run was killed. Ending what it left behind ...")
        end_processes(leftover)
    file.unlink()


def _same_process(pid: int, created: float) -> psutil.Process | None:
    """Return the process if its creation time matches: process ids are reused."""
    try:
        process = psutil.Process(pid)
        if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.NoSuchProcess:
        pass
    return None
