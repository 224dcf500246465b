"""Supervision of the child processes of `make run`, with real processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.cli.processes import supervisor
from app.cli.processes.supervisor import (
    SupervisedProcess,
    end_leftover_processes,
    end_processes,
    write_pid_file,
)
from app.kit.errors import ConfigurationError
from app.settings import ROOT
from tests.values import present

FOREVER = ["http.server", "0", "--bind", "127.0.0.1"]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
time.sleep(600)
"""


@pytest.fixture
def child() -> Iterator[SupervisedProcess]:
    process = SupervisedProcess("The helper", FOREVER)
    yield process
    process.stop()


def dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_an_ended_process_is_restarted_after_a_growing_delay(
    child: SupervisedProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    child.start()
    first = present(child.process).pid
    assert not child.revive()
    present(child.process).kill()
    present(child.process).wait()
    assert not child.revive(), "not at once: it may die at once again"
    assert "The helper ended with code -9. Starting it again in 1 s." in capsys.readouterr().out
    child.since -= 1
    assert child.revive()
    assert present(child.process).pid != first
    assert child.wait == 2


def test_a_long_running_process_is_restarted_quickly(child: SupervisedProcess) -> None:
    child.wait = 32
    child.start()
    child.since -= supervisor.STAYED + 1
    present(child.process).kill()
    present(child.process).wait()
    child.revive()
    assert child.wait == 1


def test_stopping_terminates_first_and_kills_later(
    child: SupervisedProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE", 0.5)
    stubborn = psutil.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True)
    assert stubborn.stdout.readline() == "up\n"
    end_processes([stubborn])
    stubborn.stdout.close()
    assert stubborn.returncode == -signal.SIGKILL
    child.start()
    child.stop()
    assert present(child.process).returncode == -signal.SIGTERM


def test_a_running_instance_is_not_disturbed(tmp_path: Path, child: SupervisedProcess) -> None:
    write_pid_file(tmp_path / "running.json", [child])
    with pytest.raises(ConfigurationError, match=f"already runs here, as process {os.getpid()}"):
        end_leftover_processes(tmp_path / "running.json")


def test_only_leftover_processes_of_a_killed_run_are_ended(
    tmp_path: Path, child: SupervisedProcess
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from app.cli.processes.supervisor import SupervisedProcess, write_pid_file\n"
        f"child = SupervisedProcess('x', {FOREVER!r}); child.start()\n"
        "write_pid_file(Path(sys.argv[1]), [child])\n"
        "print('up', flush=True); time.sleep(600)"
    )
    file = tmp_path / "running.json"
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert present(run.stdout).readline() == "up\n"
    run.kill()
    run.wait()
    present(run.stdout).close()
    (_parent, (leftover_pid, created)) = json.loads(file.read_text())
    assert not dead(leftover_pid)
    child.start()
    bystander = [present(child.process).pid, created - 5]
    file.write_text(json.dumps([[run.pid, 1.0], [leftover_pid, created], bystander]))
    end_leftover_processes(file)
    assert dead(leftover_pid)
    assert not child.revive(), "a number used again by another process is left alone"
    assert present(child.process).is_running()
    assert not file.exists()
    end_leftover_processes(file)
