"""The next step on a donor's page: the first entry of the to-do list about the donor."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import URL, func, select
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.models import Alert, Gift, Task
from app.db.session import transaction_for_system
from app.ui.base import session
from app.ui.dashboard import action_items
from tests import factories as make
from tests.pages.conftest import page_text, press

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(session, "now", lambda: now)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Alder")


@pytest.fixture
def donors_by_step(ruth: Actor) -> dict[str, int]:
    """A donor of each step; the first one has every step."""
    with transaction_for_system() as db:
        late = make.donor(db, ruth, "Tom Whitfield")
        make.pledge(db, late, "100", "monthly", date(2026, 8, 1))
        make.gift(db, late, "10", TODAY - timedelta(days=2))
        make.task(db, ruth, "Send the report", due_on=TODAY, donor_id=late)
        risky = make.donor(db, ruth, "Grace Chapel")
        make.gift(db, risky, "35", date(2024, 9, 10), thanked_at=func.now())
        make.rhythm(db, risky)
        make.alert(db, risky, "at_risk", reason="Gives about every 31 days.")
        new = make.donor(db, ruth, "Jonas Berg")
        make.gift(db, new, "40", TODAY - timedelta(days=4))
        make.task(db, ruth, "Send the report", due_on=TODAY, donor_id=new)
        busy, calm = make.donor(db, ruth, "Ida"), make.donor(db, ruth, "Otto")
        make.task(db, ruth, "Ask Ida", due_on=TODAY, donor_id=busy)
        make.task(db, ruth, "Ask Otto", due_on=TODAY + timedelta(days=1), donor_id=calm)
    return {"late_pledge": late, "at_risk": risky, "thank": new, "task": busy, "": calm}


SENTENCES = {
    "late_pledge": "Next: call about the pledge.** It is 114 days late.",
    "at_risk": "Next: call.** The last gift was 53 days ago.",
    "thank": "Next: say thank you.** Gave $40 4 days ago. Not thanked yet.",
    "task": "Next: do the task.** Task due today: Ask Ida",
}


@pytest.mark.parametrize("kind", [*SENTENCES, ""])
def test_the_step_is_the_first_line_of_the_to_do_list(
    screen: Callable[..., AppTest], ruth: Actor, donors_by_step: dict[str, int], kind: str
) -> None:
    donor = donors_by_step[kind]
    with transaction_for_system() as db:
        listed = [
            entry.kind
            for entry in action_items.collect(db, ruth, day=TODAY)
            if entry.donor_id == donor
        ]
        step = action_items.first_of_donor(db, ruth, donor, day=TODAY)
    assert (step.kind if step else "") == (listed[0] if listed else "") == kind
    page = screen("donor", ruth, id=str(donor))
    assert not page.exception
    shown_text = page_text(page).replace("\\", "")
    assert [text for text in SENTENCES.values() if text in shown_text] == (
        [SENTENCES[kind]] if kind else []
    )


def test_a_click_completes_the_step_and_shows_the_next_one(
    screen: Callable[..., AppTest], ruth: Actor, donors_by_step: dict[str, int]
) -> None:
    page = press(screen("donor", ruth, id=str(donors_by_step["late_pledge"])), "Called")
    assert "Next: say thank you." in page_text(page)
    with transaction_for_system() as db:
        of_donor = Alert.donor_id == donors_by_step["late_pledge"]
        assert db.scalar(select(Alert.state).where(of_donor)) == "snoozed"
    page = press(page, "Undo the last click")
    assert "Next: call about the pledge." in page_text(page)
    page = press(press(page, "Called"), "Thanked")
    assert "Next: do the task." in page_text(page)
    page = press(page, "Task done")
    assert "Next:" not in page_text(page)
    with transaction_for_system() as db:
        donor = donors_by_step["late_pledge"]
        assert db.scalar(select(Gift.thanked_at).where(Gift.donor_id == donor)) is not None
        report = select(Task.done_at).where(Task.donor_id == donor, Task.title.contains("report"))
        assert db.scalar(report) is not None


def test_a_supervisor_sees_the_step_without_a_button(
    screen: Callable[..., AppTest], ruth: Actor, donors_by_step: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        grace = make.person(db, "supervisor")
        make.looks_after(db, grace, ruth)
    page = screen("donor", grace, id=str(donors_by_step["late_pledge"]))
    assert "Next: call about the pledge." in page_text(page)
    assert "Called" not in [button.label for button in page.button]


def test_a_coach_reads_no_amount_in_it(
    screen: Callable[..., AppTest], ruth: Actor, donors_by_step: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        coach = make.person(db, "coach")
        make.looks_after(db, coach, ruth, kind="coach")
    page = screen("donor", coach, id=str(donors_by_step["late_pledge"]))
    shown_text = page_text(page)
    assert "Next: call about the pledge." in shown_text
    assert "100" not in shown_text
    page = screen("donor", coach, id=str(donors_by_step["thank"]))
    assert "Next:" not in page_text(page)
