"""People: created with a password or invited, changed, deactivated, reactivated."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import accounts, goals, mail
from app.accounts import SYSTEM
from app.db import transaction_for_system
from app.kit.dates.days import months_after
from app.kit.money import Money
from app.ui.people import list as people_list
from tests import factories
from tests.pages.conftest import field, page_text, press

GOOD_PASSWORD = "violet ladder seven oceans"


@pytest.fixture
def ada(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        return factories.person(db, "admin", name="Ada", email="ada@example.org")


def users_by_email() -> dict[str, accounts.UserLine]:
    with transaction_for_system() as db:
        return {user.email: user for user in accounts.list_users(db, SYSTEM)}


def goal_of(person: accounts.Actor) -> Money:
    with transaction_for_system() as db:
        return goals.own_goal(db, person, today=datetime.now(UTC).date())


def choose(page: AppTest, person: accounts.Actor, choice: str) -> AppTest:
    """Choose an action of the menu beside a person."""
    return page.menu_button(key=f"more_{person.user_id}").click(choice).run()


def add(page: AppTest, **fields: str) -> AppTest:
    press(page, "Add a person")
    for name, value in fields.items():
        field(page, f"new_person_{name}").set_value(value)
    return press(page, "Add person")


def test_the_only_administrator_cannot_deactivate_herself(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = screen("people", ada)
    assert not page.exception
    assert "1 person can sign in" in page_text(page)
    assert "**Ada** (you)" in page_text(page)
    # and the one of her own goal
    assert [button.label for button in page.button] == ["Two-factor rule", "Add a person", "Goal"]


def test_a_person_with_a_first_password(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = screen("people", ada)
    add(
        page, name="Sam  Whitlock", email="sam@Example.org", role="finance", password=GOOD_PASSWORD
    )
    assert not page.exception
    sam = users_by_email()["sam@example.org"]
    assert (sam.name, sam.role, sam.active) == ("Sam Whitlock", "finance", True)
    with transaction_for_system() as db:
        assert mail.messages(db) == []


def test_a_person_without_one_is_invited(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = screen("people", ada)
    add(page, name="Sam", email="sam@example.org")
    with transaction_for_system() as db:
        [message] = mail.messages(db)
    assert (message.to_email, message.subject) == (
        "sam@example.org",
        "Ada invites you to DonorCRM",
    )
    page = screen("people", ada)
    assert "1 person can sign in · 1 invited" in page_text(page)
    assert "sent " in page_text(page)
    assert "the link works until" in page_text(page)
    sam = users_by_email()["sam@example.org"]
    withdraw = page.button(key=f"withdraw_{sam.user_id}")
    assert withdraw.label == "Withdraw"
    withdraw.click().run()
    assert not page.exception
    assert "1 deactivated" in page_text(screen("people", ada))


def test_a_link_is_sent_again_after_a_minute(
    screen: Callable[..., AppTest], ada: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = screen("people", ada)
    add(page, name="Sam", email="sam@example.org")
    button_key = f"invite_{users_by_email()['sam@example.org'].user_id}"
    page = screen("people", ada)
    page.button(key=button_key).click().run()
    with transaction_for_system() as db:
        assert len(mail.messages(db)) == 1
        db.execute(text("update one_time_code set expires_at = expires_at - interval '2 minutes'"))
    screen("people", ada).button(key=button_key).click().run()
    with transaction_for_system() as db:
        assert len(mail.messages(db)) == 2


def test_an_expired_invitation_is_labelled_and_renewed(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    add(screen("people", ada), name="Sam", email="sam@example.org")
    button_key = f"invite_{users_by_email()['sam@example.org'].user_id}"
    assert screen("people", ada).button(key=button_key).label == "Resend"
    with transaction_for_system() as db:
        db.execute(text("update one_time_code set expires_at = now() - interval '1 minute'"))
    page = screen("people", ada)
    assert "the invitation has expired, and its link no longer works" in page_text(page)
    assert "works until" not in page_text(page)
    assert page.button(key=button_key).label == "Invite again"
    page.button(key=button_key).click().run()
    page = screen("people", ada)
    assert "the link works until" in page_text(page)
    assert "expired" not in page_text(page)
    with transaction_for_system() as db:
        assert len(mail.messages(db)) == 2


def test_a_supervisor_sees_and_invites_the_own_team(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        grace = factories.person(db, "supervisor", name="Grace")
        ruth, _other = factories.person(db, name="Ruth"), factories.person(db, name="Otto")
        factories.looks_after(db, grace, ruth)
    page = screen("people", grace)
    assert "Ruth" in page_text(page)
    assert not {"Otto", "Ada"} & set(page_text(page).replace("*", " ").split())
    goal_buttons = [f"goal_{person.user_id}" for person in (grace, ruth)]
    assert [button.key for button in page.button if button.label == "Goal"] == goal_buttons
    others = [button.label for button in page.button if button.label != "Goal"]
    assert others == ["Add a person"]
    add(page, name="Sam", email="sam@example.org")
    assert users_by_email()["sam@example.org"].role == "fundraiser"
    assert "1 invited" in page_text(screen("people", grace))


def test_the_donors_of_a_deactivated_user_are_handed_over(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        ruth, mei = factories.person(db, name="Ruth"), factories.person(db, name="Mei")
        donor = factories.donor(db, ruth, "Ivy")
        factories.task(db, ruth, "Call", donor_id=donor)
    page = screen("people", ada)
    choose(page, ruth, people_list.END)
    assert "**1 donor**: whoever takes over" in page_text(page)
    assert "**1 open task**: whoever takes over" in page_text(page)
    field(page, "end_person_to").set_value(mei.user_id)
    press(page, "Deactivate")
    assert not page.exception
    with transaction_for_system() as db:
        assert db.scalar(text("select owner_id from donor")) == mei.user_id
    assert not users_by_email()[ruth.email].active


def test_the_goal_of_a_deactivated_user_may_go_with_the_donors(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth", goal="500")
        mei = factories.person(db, name="Mei", goal="100")
        otto = factories.person(db, name="Otto", goal="70")
        factories.donor(db, ruth, "Ivy")
    page = screen("people", ada)
    choose(page, otto, people_list.END)
    assert "**goal of $70 a month** no longer counts" in page_text(page).replace("\\", "")
    press(page, "Deactivate")
    page = screen("people", ada)
    choose(page, ruth, people_list.END)
    assert "unless it is added to the goal of whoever takes over" in page_text(page)
    field(page, "end_person_to").set_value(mei.user_id)
    page.checkbox(key="end_person_goal").check()
    press(page, "Deactivate")
    assert not page.exception
    assert goal_of(mei) == Money.of("600", "USD")


def test_donors_can_be_handed_over_after_the_deactivation(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth", goal="30")
        mei = factories.person(db, name="Mei", goal="50")
        factories.donor(db, ruth, "Ivy")
        accounts.deactivate(db, ada, user_id=ruth.user_id, now=datetime.now(UTC))
    page = screen("people", ada)
    page.button(key=f"hand_{ruth.user_id}").click().run()
    field(page, "hand_over_person_to").set_value(mei.user_id)
    next(button for button in reversed(page.button) if button.label == "Hand over").click().run()
    with transaction_for_system() as db:
        assert db.scalar(text("select owner_id from donor")) == mei.user_id
    assert goal_of(mei) == Money.of("50", "USD")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "Sam", "email": "sam"}, "is not an e"),
        ({"name": " ", "email": "sam@example.org"}, "A name is needed"),
        ({"name": "Ada", "email": "ADA@example.org"}, "already has the e"),
        ({"name": "Sam", "email": "sam@example.org", "password": "123456789012"}, "easy to guess"),
    ],
    ids=["address", "name", "taken", "password"],
)
def test_refusals_have_a_message_and_create_no_user(
    screen: Callable[..., AppTest], ada: accounts.Actor, fields: dict[str, str], message: str
) -> None:
    page = press(add(screen("people", ada), **fields), "Add a person")
    assert message in page_text(page).replace("\\", "")
    assert list(users_by_email()) == ["ada@example.org"]


def test_another_role_and_a_team(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        grace = factories.person(db, name="Grace")
        ruth = factories.person(db, name="Ruth")
    page = screen("people", ada)
    page.button(key=f"change_{grace.user_id}").click().run()
    field(page, "change_person_role").set_value("supervisor")
    field(page, "change_person_team").set_value([ruth.user_id])
    press(page, "Save")
    assert not page.exception
    assert users_by_email()[grace.email].role == "supervisor"
    assert "looks after Ruth" in page_text(screen("people", ada))


def test_deactivate_and_reactivate(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        session, _ = accounts.open_session(db, user_id=ruth.user_id, now=datetime.now(UTC))
    page = screen("people", ada)
    choose(page, ruth, people_list.END)
    assert "signed out everywhere at once" in page_text(page)
    press(page, "Deactivate")
    assert not users_by_email()[ruth.email].active
    with transaction_for_system() as db:
        assert accounts.session_actor(db, session_id=session, now=datetime.now(UTC)) is None
    page = screen("people", ada)
    assert "1 deactivated" in page_text(page)
    page.button(key=f"again_{ruth.user_id}").click().run()
    assert users_by_email()[ruth.email].active


def test_a_goal_is_set_from_a_month_on_and_its_history_shown(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    month = datetime.now(UTC).date().replace(day=1)
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        factories.monthly_goal(db, ruth.user_id, "70", months_after(month, -3))
    page = screen("people", ada)
    assert "goal $70 a month" in page_text(page).replace("\\", "")
    page.button(key=f"goal_{ruth.user_id}").click().run()
    options = field(page, "person_goal_month").options
    assert f"{month:%B %Y}" in options
    assert f"{months_after(month, -1):%B %Y}" not in options, "has passed with a goal"
    assert f"{months_after(month, -4):%B %Y}" in options, "had none"
    field(page, "person_goal_amount").set_value("lots")
    press(page, "Set the goal")
    page.button(key=f"goal_{ruth.user_id}").click().run()
    assert "is not an amount" in page_text(page)
    field(page, "person_goal_amount").set_value("1,250")
    field(page, "person_goal_month").set_value(months_after(month, 1))
    press(page, "Set the goal")
    assert not page.exception
    assert goal_of(ruth) == Money.of("70", "USD")
    with transaction_for_system() as db:
        [latest, first] = goals.goal_history(db, ada, user_id=ruth.user_id)
    assert (latest.month, latest.goal) == (months_after(month, 1), Money.of("1250", "USD"))
    assert (first.goal, latest.set_by) == (Money.of("70", "USD"), "Ada")


def test_a_supervisor_reads_the_goals_of_the_team(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        grace, ruth = factories.person(db, "supervisor"), factories.person(db, goal="70")
        factories.looks_after(db, grace, ruth)
    page = screen("people", grace)
    page.button(key=f"goal_{ruth.user_id}").click().run()
    assert not page.exception
    assert "this month's goal: **$70**" in page_text(page).replace("\\", "")
    assert "Set the goal" not in [button.label for button in page.button]


def test_the_teams_are_drawn_as_a_list(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        grace = factories.person(db, "supervisor", name="Grace")
        coach = factories.person(db, "coach", name="Carl")
        ruth, mei = factories.person(db, name="Ruth"), factories.person(db, name="Mei")
        factories.person(db, name="Otto *bold*")
        for member in (ruth, mei):
            factories.looks_after(db, grace, member)
    drawn = (
        "- **Carl** · Coach of nobody yet\n- **Grace** · Supervisor of\n    - Mei\n    - Ruth\n"
    )
    alone = "- **In no team**\n    - Otto \\*bold\\*"
    assert drawn + alone in page_text(screen("people", ada))
    page = page_text(screen("people", grace))
    assert "Supervisor of\n    - Mei\n    - Ruth" in page
    assert "In no team" not in page
    assert coach.name not in page


def test_each_role_is_explained_where_it_is_chosen(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = press(screen("people", ada), "Add a person")
    for role in ("Fundraiser", "Supervisor", "Coach", "Finance", "Read only", "Administrator"):
        assert f"- **{role}**: " in page_text(page)


def test_what_a_deactivation_does_is_said_before(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth", goal="30")
        donor = factories.donor(db, ruth, "Ivy")
        factories.pledge(db, donor)
        factories.task(db, ruth, "Call", donor_id=donor)
    page = screen("people", ada)
    choose(page, ruth, people_list.END)
    shown = page_text(page).replace("\\", "")
    for part in ("**1 donor**: ", "**1 running pledge**", "**1 open task**", "**goal of $30"):
        assert part in shown, part
    assert users_by_email()[ruth.email].active


def test_only_administrators(screen: Callable[..., AppTest], database: URL) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db)
    page = screen("people", ruth)
    assert page.exception
    assert page_text(page) == ""


def test_every_action_has_words(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        factories.person(db, "read_only", name="Otto", active=False)
    page = screen("people", ada)
    assert not page.exception
    assert [button.label for button in page.button if not button.label] == []
    (menu,) = page.menu_button
    assert [option.partition(": ")[2] for option in menu.options] == ["Mails", "Deactivate"]
    assert "**Ada** (you) · Administrator" in page_text(page)
    assert "Otto** · Read only" in page_text(page)
    page = choose(page, ruth, people_list.MAILS)
    assert not page.exception
    assert "No mail yet" in page_text(page)


def test_the_second_factor_of_a_lost_phone_is_turned_off(
    screen: Callable[..., AppTest], ada: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "reset_mfa", lambda *_, user_id, **__: lost.append(user_id))
    lost: list[int] = []
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
    factors = {ruth.user_id: accounts.Factors(codes=True)}
    monkeypatch.setattr(accounts, "factors_by_user", lambda *_: factors)
    page = choose(screen("people", ada), ruth, people_list.LOST_PHONE)
    assert not page.exception
    assert lost == [ruth.user_id]
    assert "Ruth signs in with the password alone now" in page_text(page)
