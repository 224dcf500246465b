"""Validation of settings: hours, days, time zones, goals, channels, the organisation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from app.kit import regional_defaults
from app.kit.errors import InvalidError
from app.kit.money import MAX_MINOR, check_currency

ALERT_KINDS = frozenset({"late_pledge", "at_risk"})
ALERT_CHANNELS = frozenset({"at once", "summary", "app", "none"})
HOURS, WEEKDAYS, MONTHS = range(24), range(7), range(1, 13)
THANK_HOURS, FILE_DAYS = range(1, 721), range(1, 3651)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Preferences of one user; the fields are columns of the user's row."""

    time_zone: str | None
    summary_on: bool
    summary_weekday: int
    summary_hour: int
    alert_channels: dict[str, str]
    quiet_from: int | None
    quiet_until: int | None
    # how numbers and dates are written; None: as the organisation writes them
    locale: str | None


def check(preferences: Preferences) -> None:
    """Raise if a user's preferences contain an invalid value.

    Raises:
        InvalidError: a value is invalid; the message says which.
    """
    check_times(
        time_zone=preferences.time_zone,
        weekday=preferences.summary_weekday,
        hours=(preferences.summary_hour, preferences.quiet_from, preferences.quiet_until),
    )
    check_channels(preferences.alert_channels)
    check_quiet_hours(preferences.quiet_from, preferences.quiet_until)
    if preferences.locale is not None and checked_locale(preferences.locale) != preferences.locale:
        _raise_invalid(f"There is no locale called {preferences.locale}.")


def check_times(*, time_zone: str | None, weekday: int, hours: Iterable[int | None]) -> None:
    """Raise if a time zone, a weekday or an hour does not exist.

    Raises:
        InvalidError: a value is invalid; the message says which.
    """
    if time_zone == "":
        _raise_invalid("Choose a time zone.")
    if time_zone is not None and time_zone not in available_timezones():
        _raise_invalid(f"There is no time zone called {time_zone}.")
    if weekday not in WEEKDAYS:
        _raise_invalid("Choose a day of the week.")
    if any(hour is not None and hour not in HOURS for hour in hours):
        _raise_invalid("An hour is a number from 0 to 23.")


def check_quiet_hours(first: int | None, last: int | None) -> None:
    """Raise if quiet hours have a beginning without an end, or an end without a beginning.

    Raises:
        InvalidError: one of the two is missing.
    """
    if (first is None) != (last is None):
        _raise_invalid("Quiet hours need both a beginning and an end.")


def check_goal(minor: int) -> None:
    """Raise if a monthly goal (minor units) is out of range.

    Raises:
        InvalidError: it is below zero or too large.
    """
    if not 0 <= minor <= MAX_MINOR:
        _raise_invalid("A goal cannot be less than nothing, nor more than we can save.")


def check_channels(channels: Mapping[str, str]) -> None:
    """Raise if a kind of alert or its channel does not exist.

    Raises:
        InvalidError: a kind or a channel is unknown.
    """
    if set(channels) - ALERT_KINDS or set(channels.values()) - ALERT_CHANNELS:
        known = ", ".join(sorted(ALERT_CHANNELS))
        _raise_invalid(f"Choose where each kind of alert is sent, one of: {known}.")


def check_organisation(name: str, currency: str, time_zone: str, fiscal_start_month: int) -> None:
    """Raise if the organisation's name is empty, or its currency, time zone or month is invalid.

    Raises:
        InvalidError: a value is invalid; the message says which.
    """
    if not name:
        _raise_invalid("The organisation needs a name.")
    check_currency(currency)
    if fiscal_start_month not in MONTHS:
        _raise_invalid("The fiscal year begins in a month from 1 to 12.")
    check_times(time_zone=time_zone, weekday=0, hours=())


def check_deadlines(*, thank_within_hours: int, file_retention_days: int) -> None:
    """Raise if a deadline of the organisation is out of range.

    Raises:
        InvalidError: hours for thanking are not 1..720, or days of uploaded files not 1..3650.
    """
    if thank_within_hours not in THANK_HOURS:
        _raise_invalid("Thank within 1 to 720 hours; 48 are usual.")
    if file_retention_days not in FILE_DAYS:
        _raise_invalid("Keep uploaded files for 1 to 3650 days.")


def checked_country(country: str) -> str:
    """Return the ISO 3166 code of a country in capital letters.

    Raises:
        InvalidError: there is no such country.
    """
    code = country.strip().upper()
    regional_defaults.country_defaults(code)
    return code


def checked_locale(locale: str) -> str:
    """Return a locale as it is stored: "de-ch" becomes "de_CH".

    Raises:
        InvalidError: no language and country are known by this name.
    """
    name = locale.strip().replace("-", "_")
    try:
        known = str(Locale.parse(name))
    except (UnknownLocaleError, ValueError):
        known = ""
    if not known:
        _raise_invalid(
            f"There is no locale called {locale}. Name a language and a country, as de_CH."
        )
    return known


def _raise_invalid(sentence: str) -> None:
    raise InvalidError(sentence)
