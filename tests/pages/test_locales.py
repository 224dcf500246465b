"""The screens in several locales: figures, tables, charts, date fields and typed amounts."""

import json
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import URL, select
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db.models import Gift
from app.db.session import transaction_for_system
from app.ui.base import session
from tests import factories as make
from tests.pages.conftest import html_bodies, html_tables, page_text, press
from tests.pages.donors.test_donor import press_save, scalar

LOCALES = ("en_US", "en_GB", "de_DE", "de_CH", "fr_FR", "ja_JP")
TOTAL = {
    "en_US": "€1,234.50",
    "en_GB": "€1,234.50",
    "de_DE": "1.234,50 €",
    "de_CH": "EUR 1’234.50",
    "fr_FR": "1 234,50 €",
    "ja_JP": "€1,234.50",
}
TICK = {
    "en_US": "€1k",
    "en_GB": "€1k",
    "de_DE": "1k €",
    "de_CH": "EUR 1k",
    "fr_FR": "1k €",
    "ja_JP": "€1k",
}
GIFT_DAY = {
    "en_US": "5 Nov",
    "en_GB": "5 Nov",
    "de_DE": "05.11.2026",
    "de_CH": "05.11.2026",
    "fr_FR": "05/11/2026",
    "ja_JP": "2026/11/05",
}
FIELD_ORDER = {
    "en_US": "MM/DD/YYYY",
    "en_GB": "DD/MM/YYYY",
    "de_DE": "DD.MM.YYYY",
    "de_CH": "DD.MM.YYYY",
    "fr_FR": "DD/MM/YYYY",
    "ja_JP": "YYYY/MM/DD",
}

Screen = Callable[..., AppTest]


def spaced(text: str) -> str:
    """Return the text with blanks that can be typed."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(params=LOCALES)
def ruth(request: pytest.FixtureRequest, database: URL, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setattr(session, "now", lambda: datetime.fromisoformat("2026-11-23T09:30:00Z"))
    with transaction_for_system() as db:
        make.organisation(db, currency="EUR", locale=request.param)
        ruth = make.person(db, name="Ruth", locale=request.param)
        tom = make.donor(db, ruth, "Tom Reed")
        make.gift(db, tom, "1234.50", date(2026, 11, 5), currency="EUR")
        make.gift(db, tom, "20", date(2026, 11, 6), currency="EUR")
    return ruth


def test_the_list_of_gifts(screen: Screen, ruth: Actor) -> None:
    page = screen("gifts", ruth)
    assert not page.exception
    figures = {metric.label: spaced(metric.value) for metric in page.metric}
    assert figures["Together"] == TOTAL[ruth.locale].replace("1234", "1254").replace("234", "254")
    [table] = html_tables(page)
    assert [spaced(amount) for amount in table["Amount"]][1] == TOTAL[ruth.locale]
    # the amount of its neighbour has cents too
    assert spaced(table["Amount"][0]).endswith(
        TOTAL[ruth.locale].partition("234")[2].replace("50", "00")
    )
    assert GIFT_DAY[ruth.locale] == table["Day"][1]
    # both columns sort by numbers, whatever the text
    assert 'data-sort="1234.5"' in html_bodies(page)[0]


def test_the_figures_and_axes_of_the_dashboard(screen: Screen, ruth: Actor) -> None:
    page = screen("dashboard", ruth)
    assert not page.exception
    chart = next(
        element for element in page.get("plotly_chart") if "barmode" in element.proto.spec
    )
    assert TICK[ruth.locale] in spaced(
        json.dumps(json.loads(chart.proto.spec), ensure_ascii=False)
    )
    assert TOTAL[ruth.locale].replace("234", "254") in spaced(page_text(page))
    separators = json.loads(chart.proto.spec)["layout"]["separators"]
    assert separators[0] == TOTAL[ruth.locale].replace("€", "").strip()[-3]


def test_a_gift_is_typed_as_the_locale_writes_it(screen: Screen, ruth: Actor) -> None:
    page = press(screen("gifts", ruth), "Record gift")
    page.text_input(key="new_gift_who").set_value("reed")
    page = press(page, "Record gift")
    assert [field.proto.format for field in page.date_input] == [FIELD_ORDER[ruth.locale]]
    page.text_input(key="new_gift_amount").set_value(TOTAL[ruth.locale])
    press_save(page, "new_gift")
    statement = select(Gift.amount_minor).order_by(Gift.id.desc()).limit(1)
    assert scalar(statement) == 123_450


def test_the_donor_and_today(screen: Screen, ruth: Actor) -> None:
    for name in ("donors", "today"):
        page = screen(name, ruth)
        assert not page.exception
        others = {GIFT_DAY[name] for name in LOCALES} - {GIFT_DAY[ruth.locale]}
        text = spaced(page_text(page))
        assert not [day for day in others if day in text]
        assert TOTAL[ruth.locale] in text or TOTAL["en_US"] not in text
