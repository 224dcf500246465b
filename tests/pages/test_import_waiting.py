"""While a file is read its screen holds no turn, can be cancelled, and answers a click."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app import imports
from app.db import transaction
from app.file_reader.sandbox.cancellation import ReadingStoppedError
from app.imports import inspection
from app.ui.base import render_limit
from app.ui.widgets import background
from tests import factories
from tests.pages.conftest import words

PAGE = Path(__file__).parents[2] / "pages" / "import_file.py"
DONORS = b"Full name,Email\nAnn Lee,ann@lee.example\n"
SECONDS = 20


@pytest.fixture
def ruth(database):
    with transaction() as db:
        factories.organisation(db)
        return factories.person(db, role="fundraiser", name="Ruth")


class Reader:
    """Reads a file when it is allowed to, and counts."""

    def __init__(self, monkeypatch):
        self.free, self.begun, self.times = threading.Event(), threading.Event(), 0
        self._real = inspection.open_table
        monkeypatch.setattr(inspection, "open_table", self)

    def __call__(self, data, said, stop):
        self.times += 1
        self.stop = stop
        self.begun.set()
        while not self.free.wait(0.02):
            if stop.is_set:
                raise ReadingStoppedError
        return self._real(data, said, stop)


@pytest.fixture
def reader(monkeypatch):
    made = Reader(monkeypatch)
    yield made
    made.free.set()


def uploaded(actor):
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    page.session_state["actor"] = actor
    page.run()
    page.file_uploader[0].set_value(("file.csv", DONORS, "text/csv"))
    return page


def test_reading_holds_no_turn(ruth, reader, monkeypatch):
    given_back = []

    def released():
        given_back.append(1)
        return real()

    real = render_limit.released
    monkeypatch.setattr(render_limit, "released", released)
    page = uploaded(ruth)
    threading.Timer(1.0, reader.free.set).start()
    page.run()
    assert given_back
    assert "Recognised" in words(page) or "We do not know this format" in words(page)
    # nothing of the waiting stays on the screen
    assert not [one for one in page.button if one.label == "Cancel"]


def test_a_file_is_read_once_for_its_layout_its_first_rows_and_its_plan(ruth, reader):
    reader.free.set()
    page = uploaded(ruth).run()
    next(one for one in page.selectbox if one.label == "Letters (encoding)")
    page.run()
    assert [one.label for one in page.button if one.label.startswith("Import 1")]
    assert reader.times == 1


def test_a_cancelled_reading_says_so_and_is_begun_again_when_asked(ruth, reader):
    page = uploaded(ruth)

    def cancel():
        reader.begun.wait(SECONDS)
        reader.stop.set()

    threading.Thread(target=cancel).start()
    page.run()
    assert not page.exception
    assert "Reading this file was cancelled" in words(page)
    assert reader.times == 1
    # a further drawing does not begin by itself
    page.run()
    assert reader.times == 1
    reader.free.set()
    next(one for one in page.button if one.label == "Read the file").click().run()
    assert reader.times == 2
    assert [one.label for one in page.button if one.label.startswith("Import 1")]


def test_a_cancelled_plan_stops_at_the_database_and_keeps_nothing(ruth, monkeypatch):
    stops, submit = [], background._pool.submit

    def submitted(work, stop):
        stops.append(stop)
        return submit(work, stop)

    def plan(db, _actor, **_how):
        threading.Timer(0.5, stops[-1].set).start()
        db.execute(text("select pg_sleep(14)"))

    monkeypatch.setattr(background, "_pool", SimpleNamespace(submit=submitted))
    monkeypatch.setattr(imports, "preview", plan)
    began = time.monotonic()
    page = uploaded(ruth).run()
    assert time.monotonic() - began < 12
    assert "Reading this file was cancelled" in words(page)
    with transaction() as db:
        assert imports.history(db, ruth) == []


def test_work_for_another_way_to_read_stops_the_earlier_one(ruth, reader):
    page = uploaded(ruth)
    first = []

    def turn_away():
        reader.begun.wait(SECONDS)
        first.append(reader.stop)
        first[0].set()

    threading.Thread(target=turn_away).start()
    page.run()
    reader.free.set()
    letters = next(one for one in page.selectbox if one.label == "Letters (encoding)")
    letters.select("cp1252").run()
    assert reader.stop is not first[0]
    assert [one.label for one in page.button if one.label.startswith("Import 1")]
