"""Who waits for a big import is told by mail how it ended: once, in both texts."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, Row, text

from app import imports, mail
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.kit.errors import InvalidError
from app.settings import settings
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FILE = b"""name,email,amount,date
Mara Vogel,m@v.example,50,2026-01-05
Bo Ek,b@e.example,20,2026-01-06
Bo Ek,b@e.example,soon,2026-01-07
"""


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane", email="ruth@harbour.example")


def queued(ruth: Actor, data: bytes = FILE) -> int:
    with transaction_for_system() as db:
        plan = imports.preview(
            db,
            ruth,
            imports.ImportRequest(
                "spring.csv",
                data,
                kind="gifts",
                mapping={
                    "name": "name",
                    "email": "email",
                    "amount": "amount",
                    "date": "gift_date",
                },
            ),
            today=NOW.date(),
        )
        imports.queue_import(db, ruth, run_id=plan.run_id, plan_hash=plan.plan_hash)
    return plan.run_id


def sent_messages() -> Sequence[Row[tuple[str, str, str, str, dict[str, str]]]]:
    with transaction_for_system() as db:
        return db.execute(
            text("select to_email, subject, text_body, html_body, headers from outbox")
        ).all()


def test_it_is_in(ruth: Actor) -> None:
    run_id = queued(ruth)
    assert imports.run_queued(run_id, today=NOW.date(), now=NOW) == f"Import {run_id} is done."
    # asked again, as after a worker's death, it is neither done nor told twice
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    (message,) = sent_messages()
    assert (message.to_email, message.subject) == (
        "ruth@harbour.example",
        "Your import of spring.csv has finished",
    )
    for body in (message.text_body, message.html_body):
        for output in (
            "2 new gifts, 0 changed, 0 here already.",
            "2 new donors, 0 changed",
            "1 row stayed out.",
            f"{settings().public_url}/import",
            "choose Undo",
        ):
            assert output in body, output
        assert "Mara" not in body
    assert message.text_body.startswith("Hello Ruth,")
    assert "List-Unsubscribe" not in message.headers


def test_it_did_not_go_in(ruth: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = queued(ruth)

    def refuse(*_args: object, **_how: str) -> None:
        msg = "The fund is closed."
        raise InvalidError(msg)

    monkeypatch.setattr("app.imports.runs.worker.commit_import", refuse)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    (message,) = sent_messages()
    assert message.subject == "Your import of spring.csv did not go in"
    assert "* The fund is closed." in message.text_body
    assert "Nothing was changed." in message.html_body


def test_what_breaks_off_tells_nothing_yet(ruth: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = queued(ruth)

    def die(*_args: object, **_how: str) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("app.imports.runs.notifications.mail.import_finished", die)
        with pytest.raises(RuntimeError):
            imports.run_queued(run_id, today=NOW.date(), now=NOW)
    assert sent_messages() == []
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from gift")) == 0
    # taken up again, it is done and told once
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    assert [message.subject for message in sent_messages()] == [
        "Your import of spring.csv has finished"
    ]


def test_a_cancelled_one_tells_nothing(ruth: Actor) -> None:
    run_id = queued(ruth)
    with transaction(ruth) as db:
        imports.cancel(db, ruth, run_id=run_id, now=NOW)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    assert sent_messages() == []


def test_a_small_one_done_on_the_screen_sends_nothing(ruth: Actor) -> None:
    with transaction_for_system() as db:
        imports.import_file(
            db,
            ruth,
            imports.ImportRequest("f.csv", b"name,email\nAnn Lee,a@lee.example\n"),
            today=NOW.date(),
            now=NOW,
        )
    assert sent_messages() == []


@pytest.mark.parametrize("name", ["<b>x</b>.csv", "a\r\nBcc: x@y.example.csv", "ä" * 200])
def test_a_files_name_is_only_a_name(ruth: Actor, name: str) -> None:
    message = mail.ImportMail(
        f"Your import of {name} has finished", "R", "O", (), "a", "https://x"
    )
    with transaction_for_system() as db:
        mail.import_finished(
            db, key="k", to="r@x.example", user_id=ruth.user_id, mail=message, now=NOW
        )
        html = db.scalar(text("select html_body from outbox"))
    assert "<b>x" not in html
