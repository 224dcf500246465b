"""The thank-you queue of Today is that of the dashboard, with the names of the owners."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app import insights
from app.accounts import Actor
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def people(db: Session) -> dict[str, Actor]:
    """Users of every role; Grace and Cora look after Ruth."""
    make.organisation(db)
    roles = ("supervisor", "coach", "admin", "finance", "read_only")
    actors = {role: make.person(db, role, name=role.title()) for role in roles}
    actors["ruth"] = make.person(db, name="Ruth Roe")
    actors["mei"] = make.person(db, name="Mei Moe")
    make.looks_after(db, actors["supervisor"], actors["ruth"])
    make.looks_after(db, actors["coach"], actors["ruth"], "coach")
    return actors


def test_a_supervisor_has_the_thank_yous_of_the_team(
    db: Session, people: dict[str, Actor]
) -> None:
    ruth, mei, grace = people["ruth"], people["mei"], people["supervisor"]
    own = make.gift(db, make.donor(db, grace), "20", TODAY)
    of_ruth = make.gift(db, make.donor(db, ruth), "30", date(2026, 11, 20))
    make.gift(db, make.donor(db, mei), "40", TODAY)
    make.gift(db, make.donor(db, ruth), "50", TODAY, thanked_at=datetime(2026, 11, 23, tzinfo=UTC))
    unthanked = insights.load_unthanked(db, grace, today=TODAY)
    assert [gift.gift_id for gift in unthanked.gifts] == [own, of_ruth]
    assert unthanked.owners == {ruth.user_id: "Ruth Roe"}


@pytest.mark.parametrize(
    ("who", "owners"),
    [
        pytest.param("ruth", set(), id="fundraiser"),
        pytest.param("supervisor", {"ruth"}, id="supervisor"),
        pytest.param("coach", set(), id="coach"),
        pytest.param("admin", {"ruth", "mei", "supervisor"}, id="admin"),
        pytest.param("finance", {"ruth", "mei", "supervisor"}, id="finance"),
        pytest.param("read_only", {"ruth", "mei", "supervisor"}, id="read only"),
    ],
)
def test_todays_queue_is_as_long_as_the_dashboards(
    db: Session, people: dict[str, Actor], who: str, owners: set[str]
) -> None:
    for name in ("ruth", "mei", "supervisor", "supervisor"):
        make.gift(db, make.donor(db, people[name]), "20", TODAY)
    make.gift(db, make.donor(db, None), "20", TODAY)
    actor = people[who]
    lists = insights.load_work_lists(db, actor, filter=insights.DashboardFilter(), today=TODAY)
    unthanked = insights.load_unthanked(db, actor, today=TODAY)
    assert len(unthanked.gifts) == lists.thanks.count
    assert unthanked.owners == {people[name].user_id: people[name].name for name in owners}
