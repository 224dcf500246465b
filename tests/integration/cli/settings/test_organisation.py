"""The command organisation: what is named changes, the rest stays."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from app.accounts.organisation import OrganisationChanges
from app.api.rest.routes.settings.organisation import Organisation, OrganisationChange
from app.cli.commands import SUMMARIES
from app.cli.settings import organisation


def test_settings_that_are_not_named_stay(app: Callable[..., str]) -> None:
    app("organisation", "set", "--name", "Harbour", "--currency", "eur", "--locale", "de-AT")
    app("organisation", "set", "--time-zone", "Europe/Vienna", "--fiscal-month", "7")
    shown = {
        "name": "Harbour",
        "currency": "EUR",
        "time_zone": "Europe/Vienna",
        "fiscal_month": 7,
        "locale": "de_AT",
        "country": None,
        "address": "",
        "tax_id": "",
        "sender_name": "",
        "thank_within_hours": 48,
        "file_retention_days": 90,
        "alert_channel": "summary",
        "modules": [],
        "week_starts_on": "Monday",
        "date_order": "dmy",
        "logo_bytes": None,
    }
    assert json.loads(app("organisation", "show", "--json")) == shown
    assert "time zone: Europe/Vienna\n" in app("organisation", "show")


def test_every_setting_is_set(app: Callable[..., str]) -> None:
    values = {
        "country": "AT",
        "address": "Am Hafen 1, Wien",
        "tax_id": "ATU1",
        "sender_name": "Harbour",
        "thank_within_hours": 72,
        "file_retention_days": 30,
        "alert_channel": "at once",
    }
    options = {f"--{name.replace('_', '-')}": str(value) for name, value in values.items()}
    app("organisation", "set", *(word for option in options.items() for word in option))
    assert values.items() <= json.loads(app("organisation", "show", "--json")).items()


def test_an_empty_text_takes_a_setting_away(app: Callable[..., str]) -> None:
    app("organisation", "set", "--country", "at", "--tax-id", "ATU1")
    app("organisation", "set", "--country", "", "--tax-id", "")
    shown = json.loads(app("organisation", "show", "--json"))
    assert (shown["country"], shown["tax_id"]) == (None, "")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--currency", "XXY", "XXY is not a currency we know."),
        ("--time-zone", "Mars", "There is no time zone called Mars."),
        ("--fiscal-month", "13", "The fiscal year begins in a month from 1 to 12."),
        ("--locale", "xx", "There is no locale called xx."),
        ("--country", "XX", "There is no country with the code XX."),
        ("--thank-within-hours", "0", "hours"),
        ("--file-retention-days", "0", "days"),
        ("--alert-channel", "pigeon", "one of: app, at once, none, summary."),
        ("--tax-id", "1\x00", "tax id"),
        ("--name", "", "name"),
    ],
)
def test_an_impossible_setting_changes_nothing(
    app: Callable[..., str], option: str, value: str, sentence: str
) -> None:
    before = app("organisation", "show", "--json")
    assert sentence in app("organisation", "set", option, value)
    assert app("organisation", "show", "--json") == before


def test_the_logo_is_set_shown_and_removed(app: Callable[..., str], tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    Image.new("RGB", (1600, 300), "teal").save(picture)
    app("organisation", "set", "--logo", str(picture), "--tax-id", "ATU1")
    shown = json.loads(app("organisation", "show", "--json"))
    assert shown["logo_bytes"] > 0
    assert shown["tax_id"] == "ATU1"
    refused = app("organisation", "set", "--logo", str(picture), "--no-logo")
    assert "not both" in refused
    app("organisation", "set", "--no-logo")
    assert json.loads(app("organisation", "show", "--json"))["logo_bytes"] is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg><script>alert(1)</script></svg>", "must be a PNG, JPEG or WebP picture"),
        (b"", "must be a PNG, JPEG or WebP picture"),
        (bytes(50_000_000), "The logo may have 2 MB at most."),
    ],
    ids=["svg", "empty", "large"],
)
def test_what_is_no_logo_changes_nothing(
    app: Callable[..., str], tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "logo"
    file.write_bytes(content)
    before = app("organisation", "show", "--json")
    assert sentence in app("organisation", "set", "--logo", str(file), "--name", "Harbour")
    assert app("organisation", "show", "--json") == before


def test_the_command_and_the_api_have_every_setting_of_the_screen() -> None:
    # a demonstration is made, not set
    settings = set(OrganisationChanges.__annotations__) - {"is_demo"}
    options = set(inspect.signature(organisation.set_organisation).parameters)
    # the API has routes of its own for the picture
    assert settings == {
        "fiscal_start_month" if name == "fiscal_month" else name for name in options
    } - {"logo", "no_logo"}
    assert settings == set(OrganisationChange.model_fields) - {"version"}
    read_only = {"version", "week_starts_on", "date_order"}
    assert settings == set(Organisation.model_fields) - read_only


def test_the_command_is_told_from_the_first_word() -> None:
    assert f"app.cli.{SUMMARIES['organisation'].module}" == organisation.__name__


def test_modules_are_switched_on_and_off(app: Callable[..., str]) -> None:
    assert "modules: requests\n" in app("organisation", "set", "--modules", "requests")
    assert json.loads(app("organisation", "show", "--json"))["modules"] == ["requests"]
    assert "modules: none\n" in app("organisation", "set", "--modules", "none")
    assert json.loads(app("organisation", "show", "--json"))["modules"] == []
