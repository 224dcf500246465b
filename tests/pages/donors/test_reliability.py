"""How good the alerts are: measured by the job, shown to everybody, empty until then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import donors
from app.accounts import Actor, Role
from app.db import transaction_for_system
from jobs.tasks import reliability
from tests import factories as make
from tests.pages.conftest import page_text
from tests.values import present

NOW = datetime(2026, 11, 22, 5, 15, tzinfo=UTC)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db)


@pytest.fixture
def history(ruth: Actor) -> None:
    """Sixty faithful monthly givers and thirty who stopped a year and more ago."""
    with transaction_for_system() as db:
        for number in range(90):
            donor = make.donor(db, ruth, f"Donor {number}")
            ago = 3 + number % 9 if number < 60 else 400 + 10 * (number - 60)
            db.execute(
                text(
                    "insert into gift (donor_id, kind, amount_minor, currency, base_minor,"
                    " gift_date) select :donor, 'gift', 2500, 'USD', 2500, :last - 30 * n"
                    " from generate_series(0, 40) n"
                ),
                {"donor": donor, "last": NOW.date() - timedelta(days=ago)},
            )


@pytest.mark.parametrize("role", ["fundraiser", "coach", "read_only", "admin", "finance"])
def test_every_role_reads_it_empty_and_measured(
    screen: Callable[..., AppTest], ruth: Actor, history: None, role: str
) -> None:
    with transaction_for_system() as db:
        actor = make.person(db, Role(role))
    assert "Not measured yet" in page_text(screen("reliability", actor))
    shown_text = reliability.run(NOW)
    assert "earlier verdicts checked" in shown_text
    page = screen("reliability", actor)
    assert not page.exception
    assert "Measured on 22 Nov" in page_text(page)
    labels = {metric.label: metric.value for metric in page.metric}
    assert labels["Wrong alerts"] == "0 %"
    assert labels["Named earlier by"].endswith(" days")
    assert "not enough history" not in page_text(page)
    assert len(page.get("plotly_chart")) == 1


def test_too_little_history_gives_a_message_and_no_figure(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        make.gift(db, make.donor(db, ruth), "10", NOW.date())
    reliability.run(NOW)
    page = screen("reliability", ruth)
    assert "not enough history" in page_text(page)
    assert not page.metric
    assert not page.get("plotly_chart")


def test_the_same_day_again_is_one_report_and_the_newest_counts(
    ruth: Actor, history: None
) -> None:
    reliability.run(NOW)
    reliability.run(NOW)
    reliability.run(NOW + timedelta(days=7))
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from rhythm_reliability")) == 2
        assert present(donors.reliability_report(db)).as_of == NOW.date() + timedelta(days=7)
        assert present(donors.reliability_report(db)).verdicts > 1000
