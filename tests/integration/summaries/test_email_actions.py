"""Action links of mails: confirmation, single use, permissions and invalidation."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts, alerts, mail, summaries
from app.accounts import Role
from app.db import transaction, transaction_for_system
from app.kit.security.signed_tokens import sign
from app.mail.action_links import PURPOSE
from app.settings import settings
from app.summaries import email_actions
from jobs.tasks import purge
from tests import factories as make
from tests.integration.api.test_routes import client
from tests.values import present
from tests.web_client import TestClient

__all__ = ["client"]
NOW = datetime.now(UTC)
TODAY = NOW.date()


@dataclass(frozen=True, slots=True)
class Scenario:
    """Two users, the id of a gift to the first and of the alert of a late pledge."""

    ruth: accounts.Actor
    sam: accounts.Actor
    gift: int
    alert: int


@pytest.fixture
def scenario(database: URL) -> Scenario:
    """Ruth's donor Mara with one gift and a late pledge; Sam is another user."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, sam = make.person(db, name="Ruth"), make.person(db, name="Sam")
        mara = make.donor(db, ruth, "Mara Vogel")
        gift = make.gift(db, mara, "50", TODAY - timedelta(days=3))
        make.pledge(db, mara, "25", "monthly", TODAY - timedelta(days=200))
    with transaction_for_system() as db:
        alerts.raise_late_pledges(db, today=TODAY, now=NOW)
        (late,) = alerts.open_for(db, ruth, today=TODAY)
    return Scenario(ruth, sam, gift, present(late.alert_id))


def link_path(scenario: Scenario, action: str, user: str = "ruth", now: datetime = NOW) -> str:
    subject_id = scenario.gift if action in {"thanked", "unthank"} else scenario.alert
    user_id = {"ruth": scenario.ruth, "sam": scenario.sam}[user].user_id
    with transaction_for_system() as db:
        version = accounts.access_version(db, user_id)
    link = mail.action_link(user_id, action, subject_id, access_version=present(version), now=now)
    return link.removeprefix(settings().public_url)


def state() -> tuple[bool, str, int | None, int, bool]:
    with transaction_for_system() as db:
        row = db.execute(
            text(
                "select (select thanked_at is not null from gift), (select state from alert),"
                " (select snoozed_until - current_date from alert),"
                " (select count(*) from contact_log), (select count(*) from pledge_skip) > 0"
            )
        ).one()
    return tuple(row)


UNTOUCHED = (False, "open", None, 0, False)


@pytest.mark.parametrize(
    ("action", "question", "message", "expected"),
    [
        (
            "thanked",
            "Have you thanked Mara Vogel for the gift of",
            "Mara Vogel is marked as thanked",
            (True, "open", None, 0, False),
        ),
        (
            "called",
            "Have you called Mara Vogel?",
            "Logged a call with Mara Vogel",
            (False, "snoozed", 14, 1, False),
        ),
        (
            "snooze",
            "Be reminded of Mara Vogel in a week?",
            "You will be reminded of Mara Vogel",
            (False, "snoozed", 7, 0, False),
        ),
        (
            "not_late",
            "Has Mara Vogel told you",
            "Mara Vogel is not late",
            (False, "dismissed", None, 0, True),
        ),
    ],
)
def test_get_asks_and_post_performs_the_action_once(
    client: TestClient,
    scenario: Scenario,
    action: str,
    question: str,
    message: str,
    expected: tuple[bool, str, int | None, int, bool],
) -> None:
    address = link_path(scenario, action)
    for _ in range(2):
        response = client.get(address)
        assert (response.status_code, question in response.text) == (200, True), response.text
        assert response.headers["cache-control"] == "no-store"
    assert state() == UNTOUCHED
    done = client.post(address)
    assert (done.status_code, message in done.text) == (200, True), done.text
    assert state() == expected
    for response in (client.post(address), client.get(address)):
        assert (response.status_code, "done already" in response.text) == (409, True)
    assert state() == expected


@pytest.mark.parametrize("action", ["thanked", "called", "snooze", "not_late"])
def test_an_action_can_be_undone_from_its_result_page(
    client: TestClient, scenario: Scenario, action: str
) -> None:
    address = link_path(scenario, action)
    done = client.post(address).text
    (undo_path,) = re.findall(r'<form method="post" action="([^"]+)"', done)
    assert state() != UNTOUCHED
    undo_path = undo_path.removeprefix(settings().public_url)
    confirmation = client.get(undo_path)
    assert (confirmation.status_code, "<form" in confirmation.text) == (200, True)
    assert state() != UNTOUCHED
    undone = client.post(undo_path)
    assert (undone.status_code, "again" in undone.text) == (200, True), undone.text
    assert state() == UNTOUCHED
    # neither link works twice
    assert [client.post(used_path).status_code for used_path in (undo_path, address)] == [409, 409]
    assert state() == UNTOUCHED


def test_the_action_is_audited_as_the_links_user(client: TestClient, scenario: Scenario) -> None:
    client.post(link_path(scenario, "thanked"))
    with transaction_for_system() as db:
        row = db.execute(text("select actor_id, address from activity order by id desc")).first()
    assert tuple(present(row)) == (scenario.ruth.user_id, "testclient")


def test_concurrent_clicks_perform_the_action_once(client: TestClient, scenario: Scenario) -> None:
    address = link_path(scenario, "called")
    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(lambda _: client.post(address).status_code, range(20)))
    assert codes == [200] + [409] * 19
    assert state()[3] == 1


def test_links_do_not_act_on_donors_of_other_users(client: TestClient, scenario: Scenario) -> None:
    for action in email_actions.ACTIONS:
        response = client.post(link_path(scenario, action, "sam"))
        assert response.status_code in {404, 409}
        assert "Mara" not in response.text
        assert "Mara" not in client.get(link_path(scenario, action, "sam")).text
    assert state() == UNTOUCHED


def test_a_resolved_alert_leaves_the_link_unused(client: TestClient, scenario: Scenario) -> None:
    with transaction_for_system() as db:
        alerts.resolve(db, scenario.ruth, alert_id=scenario.alert, now=NOW)
    response = client.post(link_path(scenario, "called"))
    assert (response.status_code, "settled already" in response.text) == (409, True)
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from email_action")) == 0


def signed_token(
    scenario: Scenario,
    *,
    key: str = "",
    purpose: str = PURPOSE,
    who: int = 0,
    day: int = int(NOW.timestamp()) // 86_400 + 1,
    version: int = 1,
) -> str:
    return sign(
        key or settings().signing_key,
        purpose,
        who or scenario.ruth.user_id,
        "thanked",
        scenario.gift,
        version,
        day,
        "once",
    )


class ForgedValues(TypedDict, total=False):
    """What a forged link says instead."""

    key: str
    purpose: str
    day: int
    who: int
    version: int


@pytest.mark.parametrize(
    "values",
    [
        {"key": "another key of more than thirty-two letters"},
        {"purpose": "wishes about mail"},
        {"day": int(NOW.timestamp()) // 86_400 - 1},
        {"who": 99_999_999},
        {"version": 2},
    ],
)
def test_forged_links_are_rejected(
    client: TestClient, scenario: Scenario, values: ForgedValues
) -> None:
    token = signed_token(scenario)
    assert client.get(f"/api/v1/mail/do/{token}").status_code == 200
    bad_tokens = [
        signed_token(scenario, **values),
        token[:-9],
        token.replace("thanked", "called"),
        f"9{token}",
        token.rpartition(".")[0],
        "x" * 2_000,
        token + "x",
    ]
    for bad_token in bad_tokens:
        for response in (
            client.get(f"/api/v1/mail/do/{bad_token}"),
            client.post(f"/api/v1/mail/do/{bad_token}"),
        ):
            assert (response.status_code, "no longer good" in response.text) == (404, True)
    assert state() == UNTOUCHED


def test_action_tokens_are_valid_for_actions_only(client: TestClient, scenario: Scenario) -> None:
    token = link_path(scenario, "thanked").rpartition("/")[2]
    assert client.get(f"/api/v1/mail/{token}").status_code == 404
    bearer = {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    preferences_link = mail.email_preferences_link(
        scenario.ruth.user_id, "weekly_summary", now=NOW
    )
    assert client.post(f"/api/v1/mail/do/{preferences_link.rpartition('/')[2]}").status_code == 404


def test_links_expire_after_two_weeks_and_with_the_account(
    client: TestClient, scenario: Scenario
) -> None:
    assert (
        client.get(link_path(scenario, "thanked", now=NOW - timedelta(days=15))).status_code == 404
    )
    with transaction_for_system() as db:
        db.execute(text("update app_user set active = false where name = 'Ruth'"))
    assert client.post(link_path(scenario, "thanked")).status_code == 404
    assert state() == UNTOUCHED


def test_a_read_only_role_cannot_perform_actions(client: TestClient, scenario: Scenario) -> None:
    address = link_path(scenario, "thanked")
    with transaction_for_system() as db:
        db.execute(text("update app_user set role = 'read_only' where name = 'Ruth'"))
    assert client.post(address).status_code in {403, 404}
    assert state() == UNTOUCHED


def offered_labels(actor: accounts.Actor) -> dict[str, list[list[str]]]:
    with transaction_for_system() as db:
        summary = summaries.build(db, actor, today=TODAY, now=NOW)
    return {
        section.title: [[action.label for action in line.actions] for line in section.lines]
        for section in summary.sections
    }


def test_the_summary_contains_only_permitted_actions(scenario: Scenario) -> None:
    assert offered_labels(scenario.ruth) == {
        "Late pledges": [["I called", "Remind me in a week", "Not late, they told me"]],
        "To thank": [["Thanked"]],
        "Gifts of the week": [[]],
    }
    with transaction_for_system() as db:
        ada, boss = make.person(db, role=Role.ADMIN), make.person(db, role=Role.SUPERVISOR)
        coach = make.person(db, role=Role.COACH)
        make.looks_after(db, boss, scenario.ruth)
        make.looks_after(db, coach, scenario.ruth, "coach")
    assert offered_labels(ada)["To thank"] == [["Thanked"]]
    for actor in (boss, coach):
        assert not any(any(lines) for lines in offered_labels(actor).values())


def test_links_of_the_sent_mail_work(client: TestClient, scenario: Scenario) -> None:
    with transaction_for_system() as db:
        db.execute(
            text("update app_user set summary_weekday = :day, summary_hour = 0"),
            {"day": TODAY.weekday()},
        )
        summaries.queue_due(db, now=NOW)
        row = db.execute(
            text("select text_body, html_body from outbox where user_id = :ruth"),
            {"ruth": scenario.ruth.user_id},
        ).one()
    links = re.findall(r"Thanked: (\S+)", row.text_body)
    assert len(links) == 1
    assert links[0] in row.html_body
    response = client.post(links[0].removeprefix(settings().public_url))
    assert "marked as thanked" in response.text
    assert state()[0] is True


def test_used_links_are_purged_after_60_days(client: TestClient, scenario: Scenario) -> None:
    client.post(link_path(scenario, "thanked"))
    assert "used link" not in purge.run(NOW + timedelta(days=59))
    assert "1 used link cleared" in purge.run(NOW + timedelta(days=61))
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from email_action")) == 0


GOOD, OTHER = "violet ladder seven oceans", "amber kettle nine mountains"


def with_a_password(db: Session, ruth: accounts.Actor) -> None:
    """Set a password for Ruth before the links are created."""
    code = present(
        accounts.request_password_reset(db, email=ruth.email, now=NOW - timedelta(hours=2))
    )[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW - timedelta(hours=2))


def password_changed(db: Session, ruth: accounts.Actor, _ada: accounts.Actor) -> None:
    accounts.change_password(db, ruth, old=GOOD, new=OTHER, keep_session=None, now=NOW)


def password_reset(db: Session, ruth: accounts.Actor, _ada: accounts.Actor) -> None:
    code = present(accounts.request_password_reset(db, email=ruth.email, now=NOW))[3]
    accounts.reset_password(db, code=code, new=OTHER, now=NOW)


def role_changed(db: Session, ruth: accounts.Actor, ada: accounts.Actor) -> None:
    accounts.change_role(db, ada, user_id=ruth.user_id, role="admin", now=NOW)


def role_changed_and_back(db: Session, ruth: accounts.Actor, ada: accounts.Actor) -> None:
    role_changed(db, ruth, ada)
    accounts.change_role(db, ada, user_id=ruth.user_id, role="fundraiser", now=NOW)


def deactivated(db: Session, ruth: accounts.Actor, ada: accounts.Actor) -> None:
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)


def reactivated(db: Session, ruth: accounts.Actor, ada: accounts.Actor) -> None:
    deactivated(db, ruth, ada)
    accounts.reactivate(db, ada, user_id=ruth.user_id)


def signed_out_everywhere(db: Session, ruth: accounts.Actor, _ada: accounts.Actor) -> None:
    accounts.end_other_sessions(db, ruth, keep=None, now=NOW)


INVALIDATING_EVENTS = (
    password_changed,
    password_reset,
    role_changed,
    role_changed_and_back,
    deactivated,
    reactivated,
    signed_out_everywhere,
)


def apply_event(
    scenario: Scenario,
    event: Callable[..., object] | Callable[[Session, accounts.Actor, accounts.Actor], None],
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
        event(db, scenario.ruth, ada)


@pytest.fixture
def scenario_with_password(scenario: Scenario) -> Scenario:
    with transaction_for_system() as db:
        with_a_password(db, scenario.ruth)
    return scenario


@pytest.mark.parametrize("action", email_actions.ACTIONS)
@pytest.mark.parametrize("event", INVALIDATING_EVENTS, ids=lambda event: event.__name__)
def test_password_role_and_account_changes_invalidate_links(
    client: TestClient,
    scenario_with_password: Scenario,
    event: Callable[..., object],
    action: str,
) -> None:
    address = link_path(scenario_with_password, action)
    assert client.get(address).status_code == 200
    apply_event(scenario_with_password, event)
    for response in (client.get(address), client.post(address)):
        assert (response.status_code, email_actions.INVALID_LINK in response.text) == (
            404,
            True,
        ), response.text
    assert state() == UNTOUCHED


@pytest.mark.parametrize(
    "event", [event for event in INVALIDATING_EVENTS if event is not deactivated]
)
def test_links_created_after_the_change_are_valid(
    client: TestClient, scenario_with_password: Scenario, event: Callable[..., object]
) -> None:
    apply_event(scenario_with_password, event)
    assert client.get(link_path(scenario_with_password, "thanked")).status_code == 200


def test_signing_out_everywhere_invalidates_links(
    client: TestClient, scenario_with_password: Scenario
) -> None:
    address = link_path(scenario_with_password, "thanked")
    with transaction(scenario_with_password.ruth) as db:
        accounts.end_other_sessions(db, scenario_with_password.ruth, keep=None, now=NOW)
    assert client.post(address).status_code == 404
    assert state() == UNTOUCHED


def test_signing_in_and_changing_settings_keep_links_valid(
    client: TestClient, scenario_with_password: Scenario
) -> None:
    address = link_path(scenario_with_password, "thanked")

    def lives(db: Session, ruth: accounts.Actor, _ada: accounts.Actor) -> None:
        assert accounts.sign_in(db, email=ruth.email, password=GOOD, now=NOW)
        session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
        accounts.save_email_preferences(db, ruth.user_id, {"weekly_summary": False})
        accounts.end_session(db, session_id=session_id, now=NOW)

    apply_event(scenario_with_password, lives)
    assert "marked as thanked" in client.post(address).text


def test_links_of_earlier_versions_are_invalid(client: TestClient, scenario: Scenario) -> None:
    day = int(NOW.timestamp()) // 86_400 + 1
    user_id, gift_id = scenario.ruth.user_id, scenario.gift
    token = sign(settings().signing_key, PURPOSE, user_id, "thanked", gift_id, day, "once")
    response = client.post(f"/api/v1/mail/do/{token}")
    assert (response.status_code, email_actions.INVALID_LINK in response.text) == (404, True)


@pytest.mark.parametrize("event", INVALIDATING_EVENTS, ids=lambda event: event.__name__)
def test_unsubscribe_links_end_only_with_the_account(
    client: TestClient, scenario_with_password: Scenario, event: Callable[..., object]
) -> None:
    link = mail.email_preferences_link(
        scenario_with_password.ruth.user_id, "weekly_summary", now=NOW
    )
    apply_event(scenario_with_password, event)
    response = client.post(
        link.removeprefix(settings().public_url), content="List-Unsubscribe=One-Click"
    )
    assert response.status_code == (404 if event is deactivated else 200)
    with transaction_for_system() as db:
        on = db.scalar(text("select summary_on from app_user where name = 'Ruth'"))
    assert on is (event is deactivated)
