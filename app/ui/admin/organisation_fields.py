"""Form fields of the organisation's country, currency, time zone and fiscal year."""

from calendar import month_name
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import available_timezones

import streamlit as st

from app.kit import regional_defaults
from app.ui.widgets import forms

MONTHS = range(1, 13)
# where alerts are sent
CHANNEL_LABELS = {
    "at once": "A mail at once",
    "summary": "In the weekly summary",
    "app": "On Today only",
    "none": "Nowhere",
}
V = TypeVar("V", str, int)


@dataclass(frozen=True, slots=True)
class RegionalValues:
    """Currency, time zone, locale and the month (1..12) in which the fiscal year begins."""

    currency: str
    time_zone: str
    locale: str
    fiscal_start_month: int


def ask_country(key: str, country: str | None) -> str | None:
    """Draw the choice of a country, and return its code."""
    return _choose("Country", f"{key}_country", regional_defaults.countries(), country or "")


def ask_regional(
    key: str, values: RegionalValues, *, country: str | None, currency_fixed: bool = False
) -> RegionalValues:
    """Draw the fields with these values, and return what is chosen."""
    cells = forms.cells()
    with next(cells):
        currency = _choose(
            "Currency",
            f"{key}_currency",
            regional_defaults.currencies(),
            values.currency,
            disabled=currency_fixed,
            help="Sums are in this currency. It cannot be changed once gifts are recorded.",
        )
    with next(cells):
        zones = {zone: zone for zone in _zones(country)}
        zone = _choose("Time zone", f"{key}_zone", zones, values.time_zone)
    with next(cells):
        months = {month: month_name[month] for month in MONTHS}
        fiscal_month = _choose(
            "Fiscal year begins in", f"{key}_month", months, values.fiscal_start_month
        )
    with next(cells):
        locale = _choose(
            "Numbers and dates",
            f"{key}_locale",
            regional_defaults.locales(country or ""),
            values.locale,
            help="How amounts and dates are written on screens and in mails.",
        )
    shown = locale or values.locale
    example, first = regional_defaults.locale_example(shown), regional_defaults.week_start(shown)
    st.caption(f"Numbers and dates will look like {example}; the week begins on {first}.")
    return RegionalValues(
        currency=currency or values.currency,
        time_zone=zone or "",
        locale=locale or values.locale,
        fiscal_start_month=fiscal_month or values.fiscal_start_month,
    )


def _choose(
    label: str,
    key: str,
    names: Mapping[V, str],
    value: V,
    *,
    help: str | None = None,  # noqa: A002 - as the widget calls it
    disabled: bool = False,
) -> V | None:
    """Draw a choice among the keys of `names`, and return what is chosen."""
    options = list(names)
    return st.selectbox(
        label,
        options,
        index=options.index(value) if value in names else None,
        format_func=names.__getitem__,
        placeholder="Choose one",
        key=key,
        help=help,
        disabled=disabled,
    )


def suggested(country: str | None, browser_zone: str | None) -> RegionalValues:
    """Return what is usual in the country; of several time zones, first that of the browser."""
    if country is None:
        return RegionalValues("USD", browser_zone or "UTC", "en_US", 1)
    usual = regional_defaults.country_defaults(country)
    zones = usual.time_zones
    zone = browser_zone if browser_zone in zones or not zones else usual.main_time_zone
    return RegionalValues(
        currency=usual.currency,
        time_zone=zone or "",
        locale=usual.locale,
        fiscal_start_month=usual.fiscal_start_month,
    )


def _zones(country: str | None) -> list[str]:
    """Return every time zone, those of the country first."""
    first = regional_defaults.country_defaults(country).time_zones if country else ()
    others = {zone for zone in available_timezones() if "/" in zone and "Etc/" not in zone}
    return [*first, *sorted((others | {"UTC"}) - set(first))]
