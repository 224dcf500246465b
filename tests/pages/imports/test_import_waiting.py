"""Reading a file in the background: no turn of the render limit, cancellation, one read."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from app.file_reader.read_options import Reading
from app.file_reader.sandbox.cancellation import ReadingStoppedError
from app.file_reader.table import Table
from app.imports import inspection
from app.imports.mapping.mapped_file import open_table
from app.ui.base import render_limit
from app.ui.widgets import background
from tests import factories
from tests.pages.conftest import page_text
from tests.pages.imports.test_import_file import button, labels, selectbox

PAGE = Path(__file__).parents[3] / "pages" / "import_file.py"
DONORS = b"Full name,Email\nAnn Lee,ann@lee.example\n"
SECONDS = 20


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        return factories.person(db, role="fundraiser", name="Ruth")


class SlowReader:
    """A replacement of `open_table` that waits for `free`, and counts its calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free, self.began, self.calls = threading.Event(), threading.Event(), 0
        self._open_table = open_table
        monkeypatch.setattr(inspection, "open_table", self)

    def __call__(self, data: bytes, overrides: Reading, stop: imports.Stop) -> Table:
        self.calls += 1
        self.stop = stop
        self.began.set()
        while not self.free.wait(0.02):
            if stop.is_set:
                raise ReadingStoppedError
        return self._open_table(data, overrides, stop)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowReader]:
    slow_reader = SlowReader(monkeypatch)
    yield slow_reader
    slow_reader.free.set()


def uploaded(actor: Actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=180)
    page.session_state["actor"] = actor
    page.run()
    page.file_uploader[0].set_value(("file.csv", DONORS, "text/csv"))
    return page


def test_reading_holds_no_turn_of_the_render_limit(
    ruth: Actor, reader: SlowReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def count_released() -> AbstractContextManager[None]:
        calls.append(1)
        return released()

    released = render_limit.released
    monkeypatch.setattr(render_limit, "released", count_released)
    page = uploaded(ruth)
    threading.Timer(1.0, reader.free.set).start()
    page.run()
    assert calls
    assert "Recognised" in page_text(page) or "We do not know this format" in page_text(page)
    # the progress is no longer shown
    assert "Cancel" not in labels(page.button)


def test_a_file_is_read_once_for_its_layout_first_rows_and_plan(
    ruth: Actor, reader: SlowReader
) -> None:
    reader.free.set()
    page = uploaded(ruth).run()
    assert "Letters (encoding)" in labels(page.selectbox)
    page.run()
    assert "Import 1 donor" in labels(page.button)
    assert reader.calls == 1


def test_a_cancelled_read_starts_again_only_when_asked(ruth: Actor, reader: SlowReader) -> None:
    page = uploaded(ruth)

    def cancel() -> None:
        reader.began.wait(SECONDS)
        reader.stop.set()

    threading.Thread(target=cancel).start()
    page.run()
    assert not page.exception
    assert "Reading this file was cancelled" in page_text(page)
    assert reader.calls == 1
    # a rerun does not start it again
    page.run()
    assert reader.calls == 1
    reader.free.set()
    button(page, "Read the file").click().run()
    assert reader.calls == 2
    assert "Import 1 donor" in labels(page.button)


def test_cancelling_a_plan_cancels_its_statement_and_saves_nothing(
    ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops, submit = [], background.POOL.submit

    def submit_and_note(
        work: Callable[[imports.Stop], object], stop: imports.Stop
    ) -> Future[object]:
        stops.append(stop)
        return submit(work, stop)

    def slow_preview(db: Session, _actor: Actor, _request: object, **_when: object) -> None:
        threading.Timer(0.5, stops[-1].set).start()
        db.execute(text("select pg_sleep(14)"))

    monkeypatch.setattr(background, "POOL", SimpleNamespace(submit=submit_and_note))
    monkeypatch.setattr(imports, "preview", slow_preview)
    began = time.monotonic()
    page = uploaded(ruth).run()
    assert time.monotonic() - began < 12
    assert "Reading this file was cancelled" in page_text(page)
    with transaction_for_system() as db:
        assert imports.history(db, ruth) == []


def test_a_read_with_another_encoding_stops_the_earlier_one(
    ruth: Actor, reader: SlowReader
) -> None:
    page = uploaded(ruth)
    stops = []

    def cancel() -> None:
        reader.began.wait(SECONDS)
        stops.append(reader.stop)
        stops[0].set()

    threading.Thread(target=cancel).start()
    page.run()
    reader.free.set()
    selectbox(page, "Letters (encoding)").select("cp1252").run()
    assert reader.stop is not stops[0]
    assert "Import 1 donor" in labels(page.button)
