"""Every statement has a time limit, and work stopped by it says so and loses nothing."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.engine.interfaces import DBAPICursor

from app import donors, imports, insights
from app.accounts import Actor, Role
from app.db import transaction, transaction_for_system
from app.db.session import TOO_LONG, engine
from app.db.statements import timeouts
from app.db.statements.cancellation import stoppable
from app.db.statements.timeouts import TookTooLongError
from app.imports.queries.donors import matching as matching_queries
from app.settings import ROOT, settings
from jobs import runner, schedule
from jobs.schedule import run_line
from jobs.timetable_line import Line
from tests import factories as make
from tests.conftest import TODAY
from tests.jobs.imports.test_import_kills import FILE, queued, state
from tests.values import present

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=300)
SLOW = text("select pg_sleep(20)")


@pytest.fixture
def ruth(database: URL, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane", role=Role.ADMIN)


@pytest.fixture
def hurry(ruth: Actor, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, a step of an import and of a job may take a moment only."""

    def hurry() -> None:
        monkeypatch.setenv("STATEMENT_TIMEOUT_MS", "100")
        settings.cache_clear()
        for name in ("PLANNING", "WRITING", "JOB"):
            monkeypatch.setattr(timeouts, name, SHORT)

    return hurry


@pytest.fixture
def limits(ruth: Actor) -> Iterator[list[tuple[str, str]]]:
    """The limit each statement of the engine ran under, in words, as the server has it."""
    collected: list[tuple[str, str]] = []

    def ask(
        _connection: Connection, cursor: DBAPICursor, statement: str, *_options: object
    ) -> None:
        with cursor.connection.cursor() as beside:
            beside.execute("show statement_timeout")
            collected.append((beside.fetchone()[0], " ".join(statement.split())[:80]))

    event.listen(engine(), "before_cursor_execute", ask)
    yield collected
    event.remove(engine(), "before_cursor_execute", ask)


def limited(limits: list[tuple[str, str]]) -> set[str]:
    """Which limits there were; a statement that only sets one is under that of before."""
    assert limits, "nothing was seen"
    assert [limit for limit in limits if limit[0] == "0"] == []
    return {limit for limit, words in limits if not words.startswith("set local")}


def preview(ruth: Actor) -> imports.Preview:
    with transaction_for_system() as db:
        return imports.preview(
            db,
            ruth,
            imports.ImportRequest("gifts.csv", FILE.encode(), date_order="ymd"),
            today=TODAY,
        )


def test_screens_have_the_time_of_the_settings(ruth: Actor, limits: list[tuple[str, str]]) -> None:
    with transaction(ruth) as db:
        insights.dashboard(db, ruth, filter=insights.DashboardFilter(), today=TODAY)
        donors.search(db, ruth, query="Vane")
    assert limited(limits) == {"15s"}


def test_an_import_has_minutes_for_its_plan_and_more_to_be_carried_out(
    ruth: Actor, limits: list[tuple[str, str]]
) -> None:
    plan = preview(ruth)
    assert limited(limits) == {"2min"}
    limits.clear()
    with transaction_for_system() as db:
        imports.queue_import(db, ruth, run_id=plan.run_id, plan_hash=plan.plan_hash)
    imports.run_queued(plan.run_id, today=TODAY, now=NOW)
    assert limited(limits) == {"15s", "30min"}
    limits.clear()
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=plan.run_id, now=NOW)
    assert limited(limits) == {"15s", "30min"}


@pytest.mark.parametrize("line", schedule.TIMETABLE, ids=lambda line: line.name)
def test_every_job_has_half_an_hour_for_a_statement(
    ruth: Actor,
    limits: list[tuple[str, str]],
    line: Line,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    settings.cache_clear()
    with transaction_for_system() as db:
        donor = make.donor(db, ruth, "Mara Vogel")
        make.gift(db, donor, "50", TODAY)
    if line.name == "backup_drill":
        run_line("backup", NOW, now=NOW)
    limits.clear()
    run_line(line.name, NOW, now=NOW)
    own = {"6h"} if line.name in {"backup", "backup_drill"} else set()
    # the note that it begins and ends is not part of it
    assert limited(limits) == {"15s", "30min"} | own


def test_a_job_that_takes_too_long_says_so_and_the_next_has_its_time(
    hurry: Callable[[], None],
) -> None:
    hurry()

    def work() -> str:
        with transaction_for_system() as db:
            db.execute(SLOW)
        return "done"

    with pytest.raises(runner.JobFailedError, match=re.escape(TOO_LONG)):
        runner.run("slow", NOW, work)
    with transaction_for_system() as db:
        assert db.scalar(text("show statement_timeout")) == "15s"


def test_the_isolation_of_a_job_can_still_be_chosen(ruth: Actor) -> None:
    with timeouts.longer(timeouts.JOB), transaction_for_system() as db:
        db.execute(text("set transaction isolation level repeatable read"))
        assert db.scalar(text("show statement_timeout")) == "30min"


def test_a_longer_limit_of_the_settings_holds_everywhere(
    ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATEMENT_TIMEOUT_MS", "3600000")
    settings.cache_clear()
    with transaction_for_system() as db:
        timeouts.allow(db, timeouts.PLANNING)
        assert db.scalar(text("show statement_timeout")) == "1h"
    assert timeouts.timeout_sentence(timeouts.PLANNING) == "1 hour"


def test_a_plan_that_takes_too_long_is_stopped_and_nothing_is_saved(
    ruth: Actor,
    hurry: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hurry()
    monkeypatch.setattr(matching_queries, "DUPLICATES", (SLOW.text,))
    with (
        caplog.at_level(logging.WARNING, "app.db.statements.slow_query_log"),
        pytest.raises(TookTooLongError, match=r"^Reading this file took longer than 300 ms and"),
    ):
        preview(ruth)
    assert "cancelled statement" in caplog.text
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from import_run")) == 0


def test_an_import_stopped_by_the_clock_leaves_nothing_and_is_done_again(
    ruth: Actor, hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = state()
    run_id = queued(ruth)
    with transaction_for_system() as db:
        db.execute(
            text(
                "create function slow() returns trigger language plpgsql as"
                " $$ begin perform pg_sleep(20); return null; end $$;"
                " create trigger slow after insert on gift for each statement"
                " execute function slow()"
            )
        )
    hurry()
    message = imports.run_queued(run_id, today=TODAY, now=NOW)
    assert "A step of this import took longer than 300 ms" in message
    with transaction_for_system() as db:
        run = imports.get(db, ruth, run_id=run_id)
        assert (run.state, run.has_file, state()) == ("failed", True, nothing)
        assert "Nothing was saved, and the file is kept" in present(run.error)
        mails = db.scalars(text("select text_body from outbox")).all()
        assert [present(run.error).split(",")[0] in mail.replace("\n", " ") for mail in mails] == [
            True
        ]
        db.execute(text("drop trigger slow on gift"))
    for name in ("PLANNING", "WRITING"):
        monkeypatch.setattr(timeouts, name, timeouts.EXPORT)
    with transaction_for_system() as db:
        preview_plan = imports.preview_again(db, ruth, run_id=run_id, today=TODAY)
        plan = imports.commit(
            db,
            ruth,
            run_id=preview_plan.run_id,
            plan_hash=preview_plan.plan_hash,
            today=TODAY,
            now=NOW,
        )
    assert plan.main.create == FILE.count("\n") - 1


def test_an_undo_stopped_by_the_clock_leaves_the_import(
    ruth: Actor, hurry: Callable[[], None]
) -> None:
    run_id = queued(ruth)
    imports.run_queued(run_id, today=TODAY, now=NOW)
    before = state()
    with transaction_for_system() as db:
        db.execute(
            text(
                "create function slow() returns trigger language plpgsql as"
                " $$ begin perform pg_sleep(20); return null; end $$;"
                " create trigger slow after delete on gift for each statement"
                " execute function slow()"
            )
        )
        imports.queue_undo(db, ruth, run_id=run_id, now=NOW)
    hurry()
    assert "was not undone" in str(imports.undo_queued(run_id, now=NOW))
    with transaction_for_system() as db:
        run = imports.get(db, ruth, run_id=run_id)
    assert (run.state, state()) == ("done", before)
    assert run.error == (
        "A step of this undo took longer than 300 ms and was stopped. The import is as it was; "
        "undo it again at a quieter time."
    )


def test_a_time_limit_is_not_taken_for_a_cancellation(hurry: Callable[[], None]) -> None:
    hurry()
    with (
        pytest.raises(TookTooLongError, match="Enough"),
        transaction_for_system() as db,
        stoppable(db, when=lambda: False),
        timeouts.at_most(db, SHORT, otherwise="Enough."),
    ):
        db.execute(SLOW)


def test_another_error_stays_what_it_is(ruth: Actor) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        transaction_for_system() as db,
        timeouts.at_most(db, SHORT, otherwise="Enough."),
    ):
        raise ZeroDivisionError


@pytest.mark.parametrize("folder", ["app", "jobs", "pages"])
def test_limits_are_set_in_one_place(folder: str) -> None:
    """Who lifts a limit for a statement of its own would be the one that holds everybody up."""
    setting = re.compile(r"statement_timeout\s*=|statement_timeout['\"]")
    result = {
        str(path.relative_to(ROOT))
        for path in Path(ROOT / folder).rglob("*.py")
        if setting.search(path.read_text(encoding="utf-8"))
    }
    allowed = {"app/db/statements/timeouts.py", "app/db/session.py", "app/db/migrate.py"}
    assert result == (allowed if folder == "app" else set())
