"""Tables as HTML: what a reader finds in them, and that no text of theirs is markup."""

import re
from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.ui.base.formats import one_line
from app.ui.widgets.rows import columns
from app.ui.widgets.rows.table_html import Row, html_list, html_table
from tests.pages import own_html

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Gift:
    donor: str
    amount: Money


NAME = columns.name("Donor", lambda gift: gift.donor)
AMOUNT = columns.money("Amount", lambda gift: gift.amount)


def shown(*gifts: Gift, ticks: bool = False, sortable: bool = True) -> str:
    rows = [Row(str(7 + at), f"donor?id={at}", gift) for at, gift in enumerate(gifts)]
    return html_table(
        rows, [NAME, AMOUNT], key="gifts", today=TODAY, ticks=ticks, sortable=sortable
    )


def test_a_table_has_its_texts_and_its_names_are_links() -> None:
    table = own_html.table(shown(Gift("Ann", Money(5_000, "USD")), Gift("Bo", Money(100, "USD"))))
    assert table.key == "gifts"
    assert table.columns == {"Donor": ["Ann", "Bo"], "Amount": ["$50", "$1"]}
    assert table.links == {"Ann": "donor?id=0", "Bo": "donor?id=1"}


def test_a_row_without_an_address_is_no_link() -> None:
    body = html_table([Row("1", None, Gift("Ann", Money(1, "USD")))], [NAME], key="k", today=TODAY)
    assert own_html.table(body).columns == {"Donor": ["Ann"]}
    assert not own_html.table(body).links


def test_headings_sort_only_what_has_several_rows_and_is_whole() -> None:
    ann, bo = Gift("Ann", Money(5_000, "USD")), Gift("Bo", Money(100, "USD"))
    assert shown(ann, bo).count("data-column") == 2
    assert "data-column" not in shown(ann)
    assert "data-column" not in shown(ann, bo, sortable=False)
    assert 'data-column="1"' in shown(ann, bo, ticks=True)


def test_ticks_and_buttons_are_told_apart_by_ids_and_names() -> None:
    button = columns.button("Thank", lambda gift: gift.donor == "Ann", pressed="thank")
    gifts = [Gift("Ann", Money(1, "USD")), Gift("Bo", Money(1, "USD"))]
    rows = [Row(str(7 + at), None, gift) for at, gift in enumerate(gifts)]
    body = html_table(rows, [NAME, button], key="gifts", today=TODAY, ticks=True)
    assert 'data-tick="7" aria-label="Choose Ann"' in body
    assert 'data-tick="8" aria-label="Choose Bo"' in body
    assert body.count("data-press") == 1
    assert 'data-press="thank" data-row="7" aria-label="Thank Ann"' in body


def test_bars_have_heights_and_words() -> None:
    months = columns.bars("Months", lambda amounts: amounts)
    amounts = [Money(minor, "USD") for minor in (5_000, 0, -100, 10_000)]
    body = html_table([Row("1", None, amounts)], [months], key="k", today=TODAY)
    assert [f"height:{height}%" in body for height in (50, 0, 100)] == [True] * 3
    assert own_html.table(body)["Months"] == ["$50, $0, \N{MINUS SIGN}$1, $100"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_is_markup(name: str, sentence: str) -> None:
    body = shown(Gift(name, Money(1, "USD")))
    assert own_html.table(body)["Donor"] == [one_line(name)]
    listed = html_list([("donor?id=1", name, sentence)])
    assert own_html.text(listed).split() == [*name.split(), *sentence.split()]


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    name = '<img src=x onerror="alert(1)">'
    body = shown(Gift(name, Money(1, "USD")), ticks=True)
    assert "<img" not in body
    assert own_html.table(body)["Donor"] == [name]


def test_labels_survive_the_sanitizer_of_the_framework() -> None:
    """It drops an attribute whose text could end another element, and the label with it."""
    body = shown(Gift("</title></textarea><script>", Money(1, "USD")), ticks=True)
    [label] = re.findall('data-tick="7" aria-label="([^"]*)"', body)
    assert label.split() == ["Choose", "/title", "/textarea", "script"]
