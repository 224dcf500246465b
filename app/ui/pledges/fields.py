"""Fields of the forms of pledges: how often, which day, until when, how, and how patiently."""

import streamlit as st

from app import gifts, pledges
from app.kit import amount_input
from app.kit.money import Money
from app.ui.base.formats import money_plain, number
from app.ui.base.session import current_actor
from app.ui.donors.labels import FREQUENCIES
from app.ui.widgets import forms

# the most usual ones first
_ORDER = (
    "monthly",
    "quarterly",
    "annual",
    "weekly",
    "biweekly",
    "semimonthly",
    "bimonthly",
    "semiannual",
    "once",
)


def ask_frequency(key: str, value: str | None = None) -> None:
    """Draw the field for how often an instalment is due."""
    forms.choice(
        "How often",
        key,
        "frequency",
        _ORDER,
        value=value,
        format_func=FREQUENCIES.__getitem__,
    )


def ask_day_of_month(key: str, value: int | None = None) -> None:
    """Draw the field for the day of the month on which an instalment is due."""
    forms.choice(
        "Day of the month",
        key,
        "anchor",
        list(range(1, 32)),
        value=value,
        format_func=_day_label,
        empty="As it began",
    )


def _day_label(day: int) -> str:
    return "31, the last day" if day == 31 else str(day)  # noqa: PLR2004


def ask_grace(key: str, value: int | None = None) -> None:
    """Draw the field for the days after which an open instalment is late."""
    st.number_input(
        "Days of grace",
        min_value=0,
        max_value=366,
        value=value,
        key=f"{key}_grace",
        placeholder="As usual for this frequency",
    )


def ask_method(key: str, value: str | None = None) -> None:
    """Draw the field for how the gifts are expected to come."""
    forms.choice("How it is paid", key, "method", gifts.METHODS, value=value, empty="Not said")


def ask_end(key: str, line: pledges.PledgeLine | None = None) -> None:
    """Draw the fields for when a pledge ends: on a day, after some instalments, with a sum."""
    st.caption("When it ends; leave all three empty if it is open")
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    with left:
        forms.day("Last day", key, "end", line.end if line else None)
    with middle:
        st.number_input(
            "Instalments",
            min_value=1,
            max_value=2_000,
            value=line.instalments if line else None,
            key=f"{key}_instalments",
            placeholder="12",
        )
    with right:
        total = money_plain(line.total) if line and line.total else ""
        forms.text("Total", key, "total", total, placeholder=number(1200, decimals=2))


def total_value(key: str, currency: str) -> Money | None:
    """Return the total that was filled in, or None.

    Raises:
        InvalidError: it cannot be read.
    """
    typed = forms.text_value(key, "total").strip()
    locale = current_actor().locale
    return amount_input.amount(typed, currency, locale=locale) if typed else None
