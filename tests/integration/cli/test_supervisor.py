"""What `make run` keeps alive, on real processes."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from app.cli import supervisor
from app.cli.supervisor import (
    SupervisedProcess,
    end_leftover_processes,
    end_processes,
    write_pid_file,
)
from app.kit.errors import ConfigurationError
from app.settings import ROOT

FOREVER = ["http.server", "0", "--bind", "127.0.0.1"]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
time.sleep(600)
"""


@pytest.fixture
def kept():
    one = SupervisedProcess("The helper", FOREVER)
    yield one
    one.stop()


def dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_process_that_dies_is_started_again_a_little_later_each_time(kept, capsys):
    kept.start()
    first = kept.process.pid
    assert not kept.revive()
    kept.process.kill()
    kept.process.wait()
    assert not kept.revive(), "not at once: it may die at once again"
    assert "The helper ended with code -9. Starting it again in 1 s." in capsys.readouterr().out
    kept.since -= 1
    assert kept.revive()
    assert kept.process.pid != first
    assert kept.wait == 2


def test_a_process_that_stayed_is_started_again_quickly(kept):
    kept.wait = 32
    kept.start()
    kept.since -= supervisor.STAYED + 1
    kept.process.kill()
    kept.process.wait()
    kept.revive()
    assert kept.wait == 1


def test_stopping_is_asked_first_and_insisted_on_later(kept, monkeypatch):
    monkeypatch.setattr(supervisor, "PATIENCE", 0.5)
    stubborn = psutil.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True)
    assert stubborn.stdout.readline() == "up\n"
    end_processes([stubborn])
    stubborn.stdout.close()
    assert stubborn.returncode == -signal.SIGKILL
    kept.start()
    kept.stop()
    assert kept.process.returncode == -signal.SIGTERM


def test_a_living_run_is_not_disturbed(tmp_path, kept):
    write_pid_file(tmp_path / "running.json", [kept])
    with pytest.raises(ConfigurationError, match=f"already runs here, as process {os.getpid()}"):
        end_leftover_processes(tmp_path / "running.json")


def test_what_a_killed_run_left_is_ended_and_nothing_else(tmp_path, kept):
    script = (
        "import sys, time; from pathlib import Path\n"
        "from app.cli.supervisor import SupervisedProcess, write_pid_file\n"
        f"child = SupervisedProcess('x', {FOREVER!r}); child.start()\n"
        "write_pid_file(Path(sys.argv[1]), [child])\n"
        "print('up', flush=True); time.sleep(600)"
    )
    file = tmp_path / "running.json"
    run = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout.readline() == "up\n"
    run.kill()
    run.wait()
    run.stdout.close()
    (_parent, (left, created)) = json.loads(file.read_text())
    assert not dead(left)
    kept.start()
    bystander = [kept.process.pid, created - 5]
    file.write_text(json.dumps([[run.pid, 1.0], [left, created], bystander]))
    end_leftover_processes(file)
    assert dead(left)
    assert not kept.revive(), "a number used again by another process is left alone"
    assert kept.process.is_running()
    assert not file.exists()
    end_leftover_processes(file)
