"""The organisation's settings over HTTP."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from app import mail
from app.db import transaction_for_system
from app.mail import MailServer
from tests.api.conftest import Book
from tests.smtp_sink import Door, sink


def test_every_role_reads_them_and_administrators_change_them(book: Book) -> None:
    before = book.caller("ruth")("GET", "organisation").json()
    assert {"name", "currency", "time_zone", "locale", "fiscal_start_month"} <= set(before)
    changes = {"name": "Haus Leuchtturm", "country": "de", "thank_within_hours": 72}
    refused = book.caller("ruth")("PATCH", "organisation", json=changes)
    assert refused.status_code == 403
    changed = book.caller("admin")("PATCH", "organisation", json=changes)
    assert changed.status_code == 200, changed.text
    assert changed.json() == before | changes | {"country": "DE", "version": 2}
    assert book.caller("ruth")("GET", "organisation").json() == changed.json()


def test_the_locale_decides_the_week_and_the_order_of_dates(book: Book) -> None:
    ada = book.caller("admin")
    for locale, week, order in (
        ("en_US", "Sunday", "mdy"),
        ("de_DE", "Monday", "dmy"),
        ("sv_SE", "Monday", "ymd"),
    ):
        saved = ada("PATCH", "organisation", json={"locale": locale}).json()
        assert (saved["week_starts_on"], saved["date_order"]) == (week, order)
    refused = ada("PATCH", "organisation", json={"date_order": "dmy"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"currency": "EUR"},
        {"time_zone": "Europe/Atlantis"},
        {"locale": "xx_YY"},
        {"fiscal_start_month": 13},
        {"country": "XX"},
        {"thank_within_hours": 0},
        {"alert_channel": "pigeon"},
        {"is_demo": True},
        {"unknown": 1},
    ],
)
def test_a_wrong_value_changes_nothing(book: Book, change: dict[str, str | int]) -> None:
    ada = book.caller("admin")
    before = ada("GET", "organisation").json()
    answer = ada("PATCH", "organisation", json=change | {"sender_name": "Somebody"})
    assert answer.status_code == 422, answer.text
    assert ada("GET", "organisation").json() == before


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(book: Book) -> None:
    ada = book.caller("admin")
    version = ada("GET", "organisation").json()["version"]
    first = ada("PATCH", "organisation", json={"tax_id": "17", "version": version})
    assert first.json()["version"] == version + 1
    second = ada("PATCH", "organisation", json={"address": "Hafen", "version": version})
    assert second.status_code == 409
    assert "Somebody else changed" in second.json()["detail"]
    saved = ada("GET", "organisation").json()
    assert (saved["tax_id"], saved["address"], saved["version"]) == ("17", "", version + 1)
    again = ada("PATCH", "organisation", json={"address": "Hafen", "version": version + 1})
    assert (again.status_code, again.json()["tax_id"]) == (200, "17")


def test_the_logo_is_sent_and_fetched_as_a_picture(book: Book) -> None:
    ada, ruth = book.caller("admin"), book.caller("ruth")
    assert ruth("GET", "organisation/logo").status_code == 404
    kept = io.BytesIO()
    Image.new("RGB", (1600, 300), "teal").save(kept, "JPEG")
    jpeg = {"content": kept.getvalue(), "headers": {"content-type": "image/jpeg"}}
    assert ruth("PUT", "organisation/logo", **jpeg).status_code == 403
    assert ada("PUT", "organisation/logo", **jpeg).json() == {"done": True}
    answer = ruth("GET", "organisation/logo")
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as logo:
        assert (logo.format, logo.size) == ("PNG", (800, 150))
    assert ada("DELETE", "organisation/logo").json() == {"done": True}
    assert ada("DELETE", "organisation/logo").json() == {"done": True}
    assert ruth("GET", "organisation/logo").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status", "sentence"),
    [
        (b"<svg/>", "image/svg+xml", 415, "Send the picture itself"),
        (b"{}", "application/json", 415, "Send the picture itself"),
        (b"no picture", "image/png", 422, "must be a PNG"),
        (b"", "image/png", 422, "must be a PNG"),
        (bytes(2_000_001), "image/png", 413, "more than 2 MB"),
    ],
    ids=["svg", "json", "text", "empty", "large"],
)
def test_what_is_no_logo_is_refused(
    book: Book, content: bytes, kind: str, status: int, sentence: str
) -> None:
    headers = {"content-type": kind}
    answer = book.caller("admin")("PUT", "organisation/logo", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert sentence in answer.json()["detail"]


def test_the_mail_server_is_shown_without_its_password_and_tried(book: Book) -> None:
    ada, actor = book.caller("admin"), book.people["admin"]
    nothing = ada("GET", "organisation/mail-server").json()
    assert (nothing["backend"], nothing["server"]) == ("console", None)
    refused = ada("POST", "organisation/mail-server/test")
    assert (refused.status_code, "No mail server" in refused.json()["detail"]) == (422, True)
    with sink(authenticator=Door(), auth_require_tls=False) as sent:
        server = MailServer(
            "127.0.0.1", sent.port, False, "post", "quiet harbour", "o@example.org"
        )
        with transaction_for_system() as db:
            mail.save_server(db, server)
        shown = ada("GET", "organisation/mail-server")
        assert shown.json()["server"] == {
            "host": "127.0.0.1",
            "port": sent.port,
            "use_tls": False,
            "username": "post",
            "sender": "o@example.org",
        }
        assert "quiet harbour" not in shown.text
        assert ada("POST", "organisation/mail-server/test").json() == {"to": actor.email}
        assert [message["To"] for message in sent.messages] == [actor.email]
        with transaction_for_system() as db:
            mail.save_server(db, replace(server, password="wrong"))
        wrong = ada("POST", "organisation/mail-server/test")
        assert wrong.status_code == 422
        assert "535" in wrong.json()["detail"]
