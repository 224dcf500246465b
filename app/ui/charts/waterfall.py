"""The waterfall of changes between two periods, as HTML of our own with a button for each bar."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.kit.money import Money
from app.ui.base.formats import money, money_short
from app.ui.charts.axes import range_with_labels
from app.ui.widgets.rows import table_events
from app.ui.widgets.rows.table_html import template


@dataclass(frozen=True, slots=True)
class Step:
    """A bar of a waterfall: a total (`is_total`) at its start and end, otherwise a change."""

    key: str
    label: str
    amount: Money
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar as the template writes it; `bottom`, `height` and `text_at` are per cent."""

    key: str
    label: str
    kind: str
    bottom: float
    height: float
    text: str
    text_at: float
    below: bool
    says: str
    pressed: bool


def show(steps: Sequence[Step], *, key: str, alt: str, clickable: bool = False) -> str | None:
    """Draw the bars and return the key of the chosen one, or None; a second click closes it."""
    chosen = st.session_state.get(f"{key}_chosen") if clickable else None
    st.html(html(steps, key=key, alt=alt, clickable=clickable, chosen=chosen))
    if not clickable:
        return None
    changes = frozenset(step.key for step in steps if not step.is_total)

    def press(change: str) -> None:
        st.session_state[f"{key}_chosen"] = None if change == chosen else change

    table_events.listen(key, changes, {"bar": press})
    return chosen if chosen in changes else None


def html(
    steps: Sequence[Step], *, key: str, alt: str, clickable: bool, chosen: str | None = None
) -> str:
    """Return the HTML of the bars; see `show`."""
    ends = levels(steps)
    low, high = range_with_labels(ends) if ends else [0.0, 1.0]
    spread = high - low

    def place(value: float) -> float:
        return round((value - low) * 100 / spread, 2)

    bars = []
    for at, (step, end) in enumerate(zip(steps, ends, strict=True)):
        start = 0.0 if step.is_total else ends[at - 1]
        below = step.amount.minor < 0
        bars.append(
            _Bar(
                step.key,
                step.label,
                "total" if step.is_total else "loss" if below else "gain",
                place(min(start, end)),
                round(abs(end - start) * 100 / spread, 2),
                change_label(step),
                place(min(start, end) if below else max(start, end)),
                below,
                f"{step.label}: {money(step.amount)}",
                step.key == chosen,
            )
        )
    return template("waterfall.html").render(
        bars=bars, key=key, alt=alt, clickable=clickable, zero=place(0.0)
    )


def change_label(step: Step) -> str:
    """Return the label of a bar of the waterfall, such as "+$2.5k"."""
    short = money_short(step.amount)
    return short if step.is_total or step.amount.minor <= 0 else f"+{short}"


def levels(steps: Sequence[Step]) -> list[float]:
    """Return where each bar of the waterfall ends."""
    ends, height = list[float](), 0.0
    for step in steps:
        height = float(step.amount.amount) if step.is_total else height + float(step.amount.amount)
        ends.append(height)
    return ends
