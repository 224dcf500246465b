"""The team over HTTP: the figures of the screen, without amounts for a coach."""

from datetime import UTC, datetime, timedelta

from app import insights
from app.api.rest.routes.figures import team as resource
from app.db import transaction_for_system
from tests.api.conftest import Book


def test_the_figures_are_those_of_the_screen(book: Book) -> None:
    lead, day = book.people["supervisor"], datetime.now(UTC).date()
    answer = book.caller("supervisor")("GET", "team").json()
    assert answer["today"] == day.isoformat()
    assert answer["since"] == (day - timedelta(days=6)).isoformat()
    with transaction_for_system() as db:
        lines = {line.user_id: line for line in insights.team(db, lead, today=day).lines}
    assert [member["user_id"] for member in answer["members"]] == list(lines)
    ruth = next(
        member for member in answer["members"] if member["user_id"] == book.people["ruth"].user_id
    )
    line = lines[ruth["user_id"]]
    assert line.giving is not None
    assert ruth["giving"]["goal"] == {"amount": "4000.00", "currency": "USD"}
    assert ruth["giving"]["support"]["amount"] == str(line.giving.progress.support)
    assert ruth["giving"]["share"] == line.giving.progress.share
    assert len(ruth["giving"]["history"]) == 6
    assert ruth["giving"]["three_months_ago"] == ruth["giving"]["history"][-3]["support"]
    assert ruth["giving"]["waiting_for_rate"] == {"gifts": 0, "by_currency": []}
    assert ruth["giving"]["pledges_not_counted"] == 0
    assert ruth["giving"]["thank_yous_waiting"] == line.giving.thanks
    assert ruth["late_pledges"] == line.late
    assert sum(ruth["donors_by_status"].values()) == sum(line.statuses.values())


def test_a_coach_reads_no_amount(book: Book) -> None:
    members = book.caller("coach")("GET", "team").json()["members"]
    assert members
    for member in members:
        assert member.keys() == resource.Member.model_fields.keys()
        assert member["giving"] is None
