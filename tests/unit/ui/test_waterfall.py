"""The waterfall: bars that add up, labels beside them, and a button for each change."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.ui.charts import waterfall
from app.ui.charts.waterfall import Step
from tests.pages import own_html


def usd(amount: int) -> Money:
    return Money(amount * 100, "USD")


STEPS = [
    Step("before", "Before", usd(1000), is_total=True),
    Step("new", "New", usd(500)),
    Step("lapsed", "Lapsed", usd(-700)),
    Step("now", "Now", usd(800), is_total=True),
]


def places(body: str) -> list[tuple[float, float]]:
    """The bottom and the top of each bar, in per cent."""
    found = re.findall(r'<i class="\w+" style="bottom:([\d.-]+)%;height:([\d.]+)%', body)
    return [(float(bottom), float(bottom) + float(height)) for bottom, height in found]


def test_each_bar_begins_where_the_one_before_ends() -> None:
    before, new, lapsed, now = places(waterfall.html(STEPS, key="k", alt="", clickable=False))
    assert before[0] == now[0] == 0
    assert abs(new[0] - before[1]) < 0.05
    assert abs(lapsed[1] - new[1]) < 0.05
    assert abs(lapsed[0] - now[1]) < 0.05


def test_labels_and_kinds() -> None:
    body = waterfall.html(STEPS, key="k", alt="From before to now", clickable=True, chosen="new")
    assert re.findall(r'<i class="(\w+)"', body) == [
        "total",
        "gain",
        "loss",
        "total",
    ]
    shown = own_html.text(body)
    for text in ("$1k", "+$500", "\N{MINUS SIGN}$700", "$800", "Before", "Now"):
        assert text in shown
    # the totals are no buttons, and the chosen bar is pressed
    assert [row for _, row, _ in own_html.buttons(body)] == ["new", "lapsed"]
    assert re.findall(r'data-row="(\w+)" aria-pressed="true"', body) == ["new"]
    assert 'aria-label="From before to now"' in body


@given(st.lists(st.integers(-10_000, 10_000), max_size=6), st.integers(0, 10_000))
def test_no_bar_leaves_its_place(amounts: list[int], first: int) -> None:
    changes = [Step(f"k{at}", "Change", usd(amount)) for at, amount in enumerate(amounts)]
    ends = [
        Step("before", "Before", usd(first), is_total=True),
        Step("now", "Now", usd(first + sum(amounts)), is_total=True),
    ]
    body = waterfall.html([ends[0], *changes, ends[1]], key="k", alt="", clickable=True)
    for bottom, top in places(body):
        assert -0.1 <= bottom <= top <= 100.1
