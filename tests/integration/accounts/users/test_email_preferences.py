"""E-mail preferences changed from a mail: by its link, without signing in, only by POST."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict

import pytest
from sqlalchemy import URL, text

from app import accounts, mail
from app.accounts import Role
from app.db import transaction_for_system
from app.kit.security.signed_tokens import sign
from app.mail import unsubscribe_links
from app.settings import settings
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.web_client import TestClient

__all__ = ["client"]
NOW = datetime.now(UTC)
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def ruth(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, email="ruth@harbour.example")
        db.execute(
            text("update app_user set alert_channels = :both"),
            {"both": '{"late_pledge": "at once", "at_risk": "at once", "other": "kept"}'},
        )
    return ruth


def path(user: accounts.Actor, kind: str = "weekly_summary", now: datetime = NOW) -> str:
    link = mail.email_preferences_link(user.user_id, kind, now=now)
    return link.removeprefix(settings().public_url)


def stored_preferences() -> tuple[bool, dict[str, str]]:
    with transaction_for_system() as db:
        row = db.execute(text("select summary_on, alert_channels from app_user")).one()
    return row.summary_on, dict(row.alert_channels)


ALL = (True, {"late_pledge": "at once", "at_risk": "at once", "other": "kept"})


def test_opening_the_link_changes_nothing_and_shows_the_preferences(
    client: TestClient, ruth: accounts.Actor
) -> None:
    for _ in range(2):
        answer = client.get(path(ruth))
        assert answer.status_code == 200
    assert answer.text.count(" checked") == 3
    assert "r…@harbour.example" in answer.text
    assert "ruth@" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert stored_preferences() == ALL


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("weekly_summary", (False, ALL[1])),
        ("late_pledge_alert", (True, ALL[1] | {"late_pledge": "summary"})),
        ("at_risk_donors_alert", (True, ALL[1] | {"at_risk": "summary"})),
    ],
)
def test_one_click_unsubscribes_from_the_kind_of_that_mail(
    client: TestClient, ruth: accounts.Actor, kind: str, expected: tuple[bool, dict[str, str]]
) -> None:
    for _ in range(2):
        answer = client.post(
            path(ruth, kind),
            content=ONE_CLICK,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 200
    assert stored_preferences() == expected


def test_one_click_with_the_other_form_encoding(client: TestClient, ruth: accounts.Actor) -> None:
    answer = client.post(path(ruth), files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert stored_preferences()[0] is False


def test_the_form_saves_the_selected_kinds(client: TestClient, ruth: accounts.Actor) -> None:
    answer = client.post(path(ruth), data={"late_pledge_alert": "on", "nonsense": "on"})
    assert "Saved" in answer.text
    assert answer.text.count(" checked") == 1
    assert stored_preferences() == (False, ALL[1] | {"at_risk": "summary"})
    client.post(path(ruth), data=dict.fromkeys(mail.KINDS, "on"))
    assert stored_preferences() == ALL


def forged(
    person: accounts.Actor,
    *,
    key: str = "",
    purpose: str = unsubscribe_links.PURPOSE,
    who: int = 0,
    day: int = int(NOW.timestamp()) // 86_400 + 1,
) -> str:
    key = key or settings().signing_key
    return sign(key, purpose, who or person.user_id, "weekly_summary", day)


class ForgedClaims(TypedDict, total=False):
    """What a forged link says instead."""

    key: str
    purpose: str
    day: int
    who: int


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another key of more than thirty-two letters"},
        {"purpose": "deed of a mail"},
        {"day": int(NOW.timestamp()) // 86_400 - 1},
        {"who": 99_999_999},
    ],
)
def test_an_invalid_link_is_refused(
    client: TestClient, ruth: accounts.Actor, wrong: ForgedClaims
) -> None:
    token = forged(ruth)
    assert client.get(f"/api/v1/mail/{token}").status_code == 200
    for link in (forged(ruth, **wrong), token[:-9], f"9{token}", token + "x", "x" * 2_000):
        for answer in (
            client.get(f"/api/v1/mail/{link}"),
            client.post(f"/api/v1/mail/{link}", content=ONE_CLICK),
        ):
            assert answer.status_code == 404
            assert "has expired" in answer.text
    assert stored_preferences() == ALL


def test_access_tokens_and_links_are_not_interchangeable(
    client: TestClient, ruth: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=NOW)
    assert client.get(f"/api/v1/mail/{tokens.access}").status_code == 404
    link = path(ruth).rpartition("/")[2]
    answer = client.get("/api/v1/me", headers={"authorization": f"Bearer {link}"})
    assert answer.status_code == 401


def test_a_deactivated_user_changes_nothing(client: TestClient, ruth: accounts.Actor) -> None:
    with transaction_for_system() as db:
        db.execute(text("update app_user set active = false"))
    answer = client.post(path(ruth), content=ONE_CLICK)
    assert (answer.status_code, "has expired" in answer.text) == (404, True)
    assert stored_preferences() == ALL


def test_a_large_body_is_refused(client: TestClient, ruth: accounts.Actor) -> None:
    answer = client.post(path(ruth), content=b"x" * 5_000)
    assert answer.status_code == 413
    assert stored_preferences() == ALL


def test_the_name_of_the_organisation_is_escaped(client: TestClient, ruth: accounts.Actor) -> None:
    with transaction_for_system() as db:
        db.execute(text("update organisation set name = '<script>alert(1)</script>'"))
    assert "<script>" not in client.get(path(ruth)).text


def test_only_regular_mails_contain_the_link(ruth: accounts.Actor) -> None:
    sent = {}
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
        late = mail.LateMail(
            "s", "n", "o", mail.Line("a", "b", "c"), "p", "r", f"{settings().public_url}/settings"
        )
        mail.late_pledge_alert(
            db, key="k", to="r@x.example", user_id=ruth.user_id, mail=late, now=NOW
        )
        mail.password_reset(
            db, user_id=ada.user_id, name="n", to="r@x.example", link="https://x", now=NOW
        )
        for row in db.execute(text("select name, headers, text_body, html_body from outbox")):
            sent[row.name] = row
    headers = sent["late_pledge_alert"].headers
    link = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == ONE_CLICK
    assert link in sent["late_pledge_alert"].text_body
    assert link in sent["late_pledge_alert"].html_body
    token = link.rpartition("/")[2]
    assert mail.read_email_preferences_token(token, now=NOW) == (ruth.user_id, "late_pledge_alert")
    assert mail.read_email_preferences_token(token, now=NOW + timedelta(days=366)) is None
    assert "List-Unsubscribe" not in sent["password_reset"].headers
