"""The timetable names modules that exist and are imported when their job runs."""

import inspect
import subprocess
import sys
from datetime import datetime
from importlib import import_module
from typing import get_type_hints

import pytest

from app.settings import ROOT
from jobs.timetable import DRILLS, TIMETABLE, task
from jobs.timetable_line import Line


@pytest.mark.parametrize("line", TIMETABLE, ids=lambda line: line.name)
def test_each_line_names_a_module_with_a_job(line: Line) -> None:
    module = import_module(f"jobs.tasks.{inspect.getclosurevars(line.run).nonlocals['name']}")
    # the timetable hands over the time, and stores the text
    assert list(get_type_hints(module.run).values()) == [datetime, str]


def test_the_lines_are_of_different_modules() -> None:
    names = [inspect.getclosurevars(line.run).nonlocals["name"] for line in TIMETABLE]
    assert len(names) == len(set(names))


def test_a_module_is_imported_when_its_job_runs() -> None:
    script = (
        "import sys, jobs.timetable\nbefore = 'jobs.tasks.purge' in sys.modules\n"
        "from jobs.tasks import purge\npurge.run = lambda now: f'ran {now}'\n"
        "print(before, jobs.timetable.task('purge')('today'))"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert output.stdout == "False ran today\n"


def test_a_job_that_does_not_exist_fails_when_it_runs() -> None:
    with pytest.raises(ModuleNotFoundError):
        task("no_such_job")(datetime(2026, 11, 23))


def test_the_drill_of_the_timetable_is_one_of_its_choices() -> None:
    (drill,) = (line for line in TIMETABLE if line.name == "backup_drill")
    assert (drill.rhythm, drill.when) == DRILLS["monthly"]
