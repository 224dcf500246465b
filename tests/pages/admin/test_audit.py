"""The audit log screen: empty, filled, filtered, exported, and its allowed roles."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import audit, exports
from app.accounts import Actor, Role
from app.audit import ActivityFilter
from app.db import transaction_for_system
from app.file_reader.workbook import as_csv
from app.kit.errors import NotAllowedError
from app.ui.admin import audit_log
from app.ui.exports.downloads import audit_parameters
from tests import factories as make
from tests.pages.conftest import page_text, press


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada Lindqvist", time_zone="America/Chicago")


@pytest.fixture
def ruth(ada: Actor) -> Actor:
    with transaction_for_system() as db:
        ruth = make.person(db, name="Ruth Adler")
        audit.record(
            db,
            actor_id=ruth.user_id,
            action="donor.changed",
            entity="donor",
            entity_id=17,
            donor_id=17,
            sentence="Changed the name.",
            before={"name": "Ann <b>Oak</b>", "no_email": False},
            after={"name": "Anna Oak", "no_email": True},
        )
        audit.record(
            db,
            actor_id=0,
            action="import.committed",
            entity="import",
            entity_id=3,
            sentence="=Imported a file.",
        )
    return ruth


def test_an_empty_log_has_a_placeholder(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("audit", ada)
    assert not page.exception
    assert "No entries yet" in page_text(page)


def test_lines_have_the_values_before_and_after(
    screen: Callable[..., AppTest], ada: Actor, ruth: Actor
) -> None:
    page = screen("audit", ada)
    assert not page.exception
    shown_text = page_text(page).replace("\\", "")
    assert "2 lines, newest first" in shown_text
    assert "Donor 17 · Ruth Adler" in shown_text
    assert "Name: “Ann <b>Oak</b>” became “Anna Oak”" in shown_text
    assert "No email: no became yes" in shown_text
    assert "Import 3 · DonorCRM" in shown_text
    assert "<b>" not in page_text(page)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"who": "DonorCRM itself"}, "Imported a file"),
        ({"about": "donor"}, "Changed the name"),
        ({"record": "17"}, "Changed the name"),
        ({"about": "import", "record": "3"}, "Imported a file"),
        ({"record": "seventeen"}, None),
        ({"until": "2020-01-31"}, None),
    ],
)
def test_the_url_filters_the_list(
    screen: Callable[..., AppTest],
    ada: Actor,
    ruth: Actor,
    query: dict[str, str],
    sentence: str | None,
) -> None:
    page = screen("audit", ada, **query)
    assert not page.exception
    assert ("1 line, newest first" in page_text(page)) is bool(sentence)
    assert (sentence or "No entry matches") in page_text(page).replace("\\", "")


@pytest.mark.parametrize(
    ("about", "lines"),
    [("sign-ins", "2 lines"), ("failed sign-ins", "1 line"), ("donor", "1 line")],
)
def test_sign_ins_are_listed_alone(
    screen: Callable[..., AppTest], ada: Actor, ruth: Actor, about: str, lines: str
) -> None:
    with transaction_for_system() as db:
        audit.record_sign_in(db, user_id=ruth.user_id, method="a passkey")
        audit.record_failed_sign_in(
            db, reason="wrong password", user_id=ruth.user_id, email=ruth.email
        )
    page = screen("audit", ada)
    page.selectbox(key="about").select(about).run()
    assert not page.exception
    text_shown = page_text(page).replace("\\", "")
    assert f"{lines}, newest first" in text_shown
    assert ("Failed to sign in as" in text_shown) is (about != "donor")
    assert ("Signed in with a passkey" in text_shown) is (about == "sign-ins")


def test_the_file_of_failed_sign_ins_has_the_same_lines() -> None:
    activity_filter = audit_log.parse_filter(None, "sign_in.failed", "", None, None, zone="UTC")
    assert activity_filter == ActivityFilter(entity="sign_in", action="sign_in.failed")
    assert audit_parameters(activity_filter) == [("kind", "sign_in"), ("action", "sign_in.failed")]


def test_a_persons_lines(screen: Callable[..., AppTest], ada: Actor, ruth: Actor) -> None:
    page = screen("audit", ada, who=ruth.name)
    assert "1 line, newest first" in page_text(page)
    assert "Changed the name" in page_text(page).replace("\\", "")


def test_both_days_are_inclusive_in_the_readers_time_zone() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC).date()
    activity_filter = audit_log.parse_filter(None, None, "", day, day, zone="America/Chicago")
    assert activity_filter.start == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert activity_filter.end == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_fifty_at_a_time(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        db.execute(
            text(
                "insert into activity (action, entity, entity_id, sentence)"
                " select 'gift.recorded', 'gift', n, 'Recorded.' from generate_series(1, 120) n"
            )
        )
    page = screen("audit", ada)
    assert "1 to 50 of 120" in page_text(page)
    page = press(press(page, "Next"), "Next")
    assert "101 to 120 of 120" in page_text(page)
    assert "Gift 20 " in page_text(page).replace("\\", "")
    assert "Gift 21 " not in page_text(page).replace("\\", "")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ADMIN, Role.FINANCE}))
def test_it_is_for_administrators_and_finance(
    screen: Callable[..., AppTest], ada: Actor, ruth: Actor, role: Role
) -> None:
    with transaction_for_system() as db:
        actor = make.person(db, role)
        with pytest.raises(NotAllowedError):
            exports.write_activity(db, actor, filter=ActivityFilter(), out=io.BytesIO())
    page = screen("audit", actor)
    assert page.exception
    assert "Changed" not in page_text(page)


def test_the_file_has_every_line_and_no_formula(ada: Actor, ruth: Actor) -> None:
    file = io.BytesIO()
    with transaction_for_system() as db:
        assert exports.write_activity(db, ada, filter=ActivityFilter(), out=file) == 2
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert [row["what"] for row in rows] == ["'=Imported a file.", "Changed the name."]
    assert rows[1]["after"] == '{"name": "Anna Oak", "no_email": true}'
    with transaction_for_system() as db:
        (last, *_) = audit.page(db, filter=ActivityFilter()).lines
    assert (last.action, last.sentence) == ("export.written", "Exported 2 lines of the audit log.")
    workbook = io.BytesIO()
    with transaction_for_system() as db:
        exports.write_activity(db, ada, filter=ActivityFilter(), out=workbook, form="xlsx")
    read = list(csv.DictReader(io.StringIO(as_csv(workbook.getvalue()).decode())))
    assert read[1:] == [row | {"what": row["what"].removeprefix("'")} for row in rows]


def test_finance_reads_and_exports_it(
    screen: Callable[..., AppTest], ada: Actor, ruth: Actor
) -> None:
    with transaction_for_system() as db:
        actor = make.person(db, "finance")
        assert exports.write_activity(db, actor, filter=ActivityFilter(), out=io.BytesIO()) == 2
    page = screen("audit", actor)
    assert not page.exception
    assert "Changed" in page_text(page)
