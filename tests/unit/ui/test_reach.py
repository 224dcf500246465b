"""The links that call a donor, write an e-mail, or show an address on a map."""

import pytest

from app.ui.donors.overview import reach
from app.ui.widgets.rows.table_html import template


@pytest.mark.parametrize(
    ("phone", "href"),
    [
        pytest.param("+1 (555) 010-0199", "tel:+15550100199", id="signs between the digits"),
        pytest.param("555 0100", "tel:5550100", id="without a country"),
        pytest.param("+44 (0)20 7946 0018", "tel:+442079460018", id="the zero in brackets"),
        pytest.param("(0)20 7946 0018", "tel:02079460018", id="a zero without a country"),
        pytest.param("555 0100 ext. 12", "tel:5550100;ext=12", id="an extension"),
        pytest.param("555-0100x7", "tel:5550100;ext=7", id="a short extension"),
        pytest.param("ask at 12", None, id="no number"),
        pytest.param('"><script>', None, id="no number at all"),
    ],
)
def test_phone(phone: str, href: str | None) -> None:
    assert reach.phone_link(phone) == href


@pytest.mark.parametrize(
    ("email", "href"),
    [
        ("ann+news@example.org", "mailto:ann+news@example.org"),
        ("ann?bcc=x@example.org", "mailto:ann%3Fbcc%3Dx@example.org"),
        ("a&b@example.org", "mailto:a%26b@example.org"),
    ],
)
def test_email(email: str, href: str) -> None:
    assert reach.email_link(email) == href


def test_map() -> None:
    link = reach.map_link("1 Quay & Co, Zürich #4")
    assert link == "https://www.openstreetmap.org/search?query=1+Quay+%26+Co%2C+Z%C3%BCrich+%234"


def test_values_are_escaped_and_a_map_opens_in_a_tab_of_its_own() -> None:
    ways = [
        reach.Way("home", "<b>1 Quay</b>", reach.map_link('"x'), "Map", "<i>", elsewhere=True),
        reach.Way("call", "none", None, "Call", "not wished"),
    ]
    html = template("ways.html").render(ways=ways)
    assert "<b>" not in html
    assert "&lt;b&gt;1 Quay" in html
    assert "(&lt;i&gt;)" in html
    assert 'query=%22x" title="Map" target="_blank" rel="noopener noreferrer"' in html
    assert html.count("<a ") == 1
    assert "(not wished)" in html
