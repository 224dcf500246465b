"""The links of the weekly mail that do something: asked first, done once, as the person."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app import accounts, alerts, mail, summaries
from app.accounts import Role
from app.db import transaction, transaction_for_system
from app.kit.signed_tokens import sign
from app.mail.action_links import PURPOSE
from app.settings import settings
from app.summaries import email_actions
from jobs import purge
from tests import factories as make
from tests.integration.api.test_routes import client

__all__ = ["client"]
NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def house(database):
    """Ruth's Mara gave once and is late with a pledge; Sam is somebody else."""
    with transaction() as db:
        make.organisation(db)
        ruth, sam = make.person(db, name="Ruth"), make.person(db, name="Sam")
        mara = make.donor(db, ruth, "Mara Vogel")
        gift = make.gift(db, mara, "50", TODAY - timedelta(days=3))
        make.pledge(db, mara, "25", "monthly", TODAY - timedelta(days=200))
    with transaction_for_system() as db:
        alerts.raise_late_pledges(db, today=TODAY, now=NOW)
        (late,) = alerts.open_for(db, ruth, today=TODAY)
    return {"ruth": ruth, "sam": sam, "mara": mara, "gift": gift, "alert": late.alert_id}


def path(house, deed, who="ruth", now=NOW):
    about = house["gift" if deed in {"thanked", "unthank"} else "alert"]
    user_id = house[who].user_id
    with transaction_for_system() as db:
        version = accounts.access_version(db, user_id)
    link = mail.action_link(user_id, deed, about, access_version=version, now=now)
    return link.removeprefix(settings().public_url)


def state():
    with transaction_for_system() as db:
        return db.execute(
            text(
                "select (select thanked_at is not null from gift), (select state from alert),"
                " (select snoozed_until - current_date from alert),"
                " (select count(*) from contact_log), (select count(*) from pledge_skip) > 0"
            )
        ).one()


UNTOUCHED = (False, "open", None, 0, False)


@pytest.mark.parametrize(
    ("deed", "question", "said", "then"),
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
def test_looking_asks_and_a_click_does_it_once(client, house, deed, question, said, then):
    address = path(house, deed)
    for _ in range(2):
        answer = client.get(address)
        assert (answer.status_code, question in answer.text) == (200, True), answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert tuple(state()) == UNTOUCHED
    done = client.post(address)
    assert (done.status_code, said in done.text) == (200, True), done.text
    assert tuple(state()) == then
    for again in (client.post(address), client.get(address)):
        assert (again.status_code, "done already" in again.text) == (409, True)
    assert tuple(state()) == then


@pytest.mark.parametrize("deed", ["thanked", "called", "snooze", "not_late"])
def test_what_was_done_can_be_taken_back_on_the_page_that_says_so(client, house, deed):
    address = path(house, deed)
    done = client.post(address).text
    (back,) = re.findall(r'<form method="post" action="([^"]+)"', done)
    assert tuple(state()) != UNTOUCHED
    back = back.removeprefix(settings().public_url)
    asked = client.get(back)
    assert (asked.status_code, "<form" in asked.text) == (200, True)
    assert tuple(state()) != UNTOUCHED
    undone = client.post(back)
    assert (undone.status_code, "again" in undone.text) == (200, True), undone.text
    assert tuple(state()) == UNTOUCHED
    # neither link works twice
    assert [client.post(one).status_code for one in (back, address)] == [409, 409]
    assert tuple(state()) == UNTOUCHED


def test_it_is_written_down_as_that_persons(client, house):
    client.post(path(house, "thanked"))
    with transaction_for_system() as db:
        row = db.execute(text("select actor_id, address from activity order by id desc")).first()
    assert tuple(row) == (house["ruth"].user_id, "testclient")


def test_of_twenty_at_once_one_does_it(client, house):
    address = path(house, "called")
    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(lambda _: client.post(address).status_code, range(20)))
    assert codes == [200] + [409] * 19
    assert state()[3] == 1


def test_anothers_gift_or_alert_is_nobodys(client, house):
    for deed in email_actions.DEEDS:
        answer = client.post(path(house, deed, "sam"))
        assert answer.status_code in {404, 409}
        assert "Mara" not in answer.text
        assert "Mara" not in client.get(path(house, deed, "sam")).text
    assert tuple(state()) == UNTOUCHED


def test_what_is_settled_says_so_and_the_link_stays_unused(client, house):
    with transaction_for_system() as db:
        alerts.resolve(db, house["ruth"], alert_id=house["alert"], now=NOW)
    answer = client.post(path(house, "called"))
    assert (answer.status_code, "settled already" in answer.text) == (409, True)
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from email_action")) == 0


def forged(house, **changed):
    how = {
        "key": settings().signing_key,
        "purpose": PURPOSE,
        "who": house["ruth"].user_id,
        "day": int(NOW.timestamp()) // 86_400 + 1,
        "version": 1,
    } | changed
    return sign(
        how["key"],
        how["purpose"],
        how["who"],
        "thanked",
        house["gift"],
        how["version"],
        how["day"],
        "once",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "another key of more than thirty-two letters"},
        {"purpose": "wishes about mail"},
        {"day": int(NOW.timestamp()) // 86_400 - 1},
        {"who": 99_999_999},
        {"version": 2},
    ],
)
def test_no_other_link_is_believed(client, house, wrong):
    token = forged(house)
    assert client.get(f"/api/v1/mail/do/{token}").status_code == 200
    changed = [
        forged(house, **wrong),
        token[:-9],
        token.replace("thanked", "called"),
        f"9{token}",
        token.rpartition(".")[0],
        "x" * 2_000,
        token + "x",
    ]
    for one in changed:
        for answer in (
            client.get(f"/api/v1/mail/do/{one}"),
            client.post(f"/api/v1/mail/do/{one}"),
        ):
            assert (answer.status_code, "no longer good" in answer.text) == (404, True)
    assert tuple(state()) == UNTOUCHED


def test_links_of_mails_are_no_keys_to_anything_else(client, house):
    token = path(house, "thanked").rpartition("/")[2]
    assert client.get(f"/api/v1/mail/{token}").status_code == 404
    bearer = {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    wishes = mail.email_preferences_link(house["ruth"].user_id, "weekly_summary", now=NOW)
    assert client.post(f"/api/v1/mail/do/{wishes.rpartition('/')[2]}").status_code == 404


def test_it_ends_with_the_account_and_after_two_weeks(client, house):
    assert client.get(path(house, "thanked", now=NOW - timedelta(days=15))).status_code == 404
    with transaction() as db:
        db.execute(text("update app_user set active = false where name = 'Ruth'"))
    assert client.post(path(house, "thanked")).status_code == 404
    assert tuple(state()) == UNTOUCHED


def test_a_role_that_only_reads_by_now_does_nothing(client, house):
    address = path(house, "thanked")
    with transaction() as db:
        db.execute(text("update app_user set role = 'read_only' where name = 'Ruth'"))
    assert client.post(address).status_code in {403, 404}
    assert tuple(state()) == UNTOUCHED


def offered(who):
    with transaction_for_system() as db:
        built = summaries.build(db, who, today=TODAY, now=NOW)
    return {
        section.title: [[one.label for one in line.actions] for line in section.lines]
        for section in built.sections
    }


def test_the_mail_offers_what_the_person_may_do(house):
    assert offered(house["ruth"]) == {
        "Late pledges": [["I called", "Remind me in a week", "Not late, they told me"]],
        "To thank": [["Thanked"]],
        "Gifts of the week": [[]],
    }
    with transaction() as db:
        ada, boss = make.person(db, role=Role.ADMIN), make.person(db, role=Role.SUPERVISOR)
        coach = make.person(db, role=Role.COACH)
        make.looks_after(db, boss, house["ruth"])
        make.looks_after(db, coach, house["ruth"], "coach")
    assert offered(ada)["To thank"] == [["Thanked"]]
    for looking in (boss, coach):
        assert not any(any(lines) for lines in offered(looking).values())


def test_the_sent_mail_carries_links_that_work(client, house):
    with transaction_for_system() as db:
        db.execute(
            text("update app_user set summary_weekday = :day, summary_hour = 0"),
            {"day": TODAY.weekday()},
        )
        summaries.queue_due(db, now=NOW)
        row = db.execute(
            text("select text_body, html_body from outbox where user_id = :ruth"),
            {"ruth": house["ruth"].user_id},
        ).one()
    found = re.findall(r"Thanked: (\S+)", row.text_body)
    assert len(found) == 1
    assert found[0] in row.html_body
    answer = client.post(found[0].removeprefix(settings().public_url))
    assert "marked as thanked" in answer.text
    assert state()[0] is True


def test_used_links_are_forgotten_after_a_while(client, house):
    client.post(path(house, "thanked"))
    assert "used link" not in purge.run(NOW + timedelta(days=59))
    assert "1 used link cleared" in purge.run(NOW + timedelta(days=61))
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from email_action")) == 0


GOOD, OTHER = "violet ladder seven oceans", "amber kettle nine mountains"


def with_a_password(db, ruth):
    """Have Ruth choose a password, as the links of a mail are made afterwards."""
    code = accounts.request_password_reset(db, email=ruth.email, now=NOW - timedelta(hours=2))[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW - timedelta(hours=2))


def password_changed(db, ruth, _ada):
    accounts.change_password(db, ruth, old=GOOD, new=OTHER, keep_session=None, now=NOW)


def password_reset(db, ruth, _ada):
    code = accounts.request_password_reset(db, email=ruth.email, now=NOW)[3]
    accounts.reset_password(db, code=code, new=OTHER, now=NOW)


def role_changed(db, ruth, ada):
    accounts.change_role(db, ada, user_id=ruth.user_id, role="admin", now=NOW)


def role_changed_and_back(db, ruth, ada):
    role_changed(db, ruth, ada)
    accounts.change_role(db, ada, user_id=ruth.user_id, role="fundraiser", now=NOW)


def deactivated(db, ruth, ada):
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=NOW)


def reactivated(db, ruth, ada):
    deactivated(db, ruth, ada)
    accounts.reactivate(db, ada, user_id=ruth.user_id)


def signed_out_everywhere(db, ruth, _ada):
    accounts.end_other_sessions(db, ruth, keep=None, now=NOW)


ENDS = (
    password_changed,
    password_reset,
    role_changed,
    role_changed_and_back,
    deactivated,
    reactivated,
    signed_out_everywhere,
)


def after(house, happens):
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
        happens(db, house["ruth"], ada)


@pytest.fixture
def guarded(house):
    with transaction_for_system() as db:
        with_a_password(db, house["ruth"])
    return house


@pytest.mark.parametrize("deed", email_actions.DEEDS)
@pytest.mark.parametrize("happens", ENDS, ids=lambda one: one.__name__)
def test_links_end_with_the_password_the_role_and_the_account(client, guarded, happens, deed):
    address = path(guarded, deed)
    assert client.get(address).status_code == 200
    after(guarded, happens)
    for answer in (client.get(address), client.post(address)):
        assert (answer.status_code, email_actions.GONE in answer.text) == (404, True), answer.text
    assert tuple(state()) == UNTOUCHED


@pytest.mark.parametrize("happens", [one for one in ENDS if one is not deactivated])
def test_links_made_afterwards_work(client, guarded, happens):
    after(guarded, happens)
    assert client.get(path(guarded, "thanked")).status_code == 200


def test_people_end_their_own_links_by_signing_out_everywhere(client, guarded):
    address = path(guarded, "thanked")
    with transaction(guarded["ruth"]) as db:
        accounts.end_other_sessions(db, guarded["ruth"], keep=None, now=NOW)
    assert client.post(address).status_code == 404
    assert tuple(state()) == UNTOUCHED


def test_links_outlive_a_sign_in_and_changed_settings(client, guarded):
    address = path(guarded, "thanked")

    def lives(db, ruth, _ada):
        assert accounts.sign_in(db, email=ruth.email, password=GOOD, now=NOW)
        session, _ = accounts.open_session(db, user_id=ruth.user_id, now=NOW)
        accounts.save_email_preferences(db, ruth.user_id, {"weekly_summary": False})
        accounts.end_session(db, session_id=session, now=NOW)

    after(guarded, lives)
    assert "marked as thanked" in client.post(address).text


def test_a_link_of_an_earlier_version_is_no_longer_good(client, house):
    day = int(NOW.timestamp()) // 86_400 + 1
    who, about = house["ruth"].user_id, house["gift"]
    token = sign(settings().signing_key, PURPOSE, who, "thanked", about, day, "once")
    answer = client.post(f"/api/v1/mail/do/{token}")
    assert (answer.status_code, email_actions.GONE in answer.text) == (404, True)


@pytest.mark.parametrize("happens", ENDS, ids=lambda one: one.__name__)
def test_unsubscribing_ends_with_the_account_alone(client, guarded, happens):
    link = mail.email_preferences_link(guarded["ruth"].user_id, "weekly_summary", now=NOW)
    after(guarded, happens)
    answer = client.post(
        link.removeprefix(settings().public_url), content="List-Unsubscribe=One-Click"
    )
    assert answer.status_code == (404 if happens is deactivated else 200)
    with transaction_for_system() as db:
        on = db.scalar(text("select summary_on from app_user where name = 'Ruth'"))
    assert on is (happens is deactivated)
