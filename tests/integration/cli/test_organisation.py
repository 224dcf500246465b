"""The commands organisation and rate: what is named changes, the rest stays."""

import json
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL, text

from app.cli import MODULES, main, organisation
from app.db import transaction_for_system
from app.db.session import dispose


@pytest.fixture
def app(
    database: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """Run a command in this process; return what it prints, its error last."""

    def app(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert bool(printed.err) == bool(ended.value.code)
        return printed.out + printed.err

    yield app
    dispose()


def test_settings_that_are_not_named_stay(app: Callable[..., str]) -> None:
    app("organisation", "set", "--name", "Harbour", "--currency", "eur", "--locale", "de-AT")
    app("organisation", "set", "--time-zone", "Europe/Vienna", "--fiscal-month", "7")
    shown = {
        "name": "Harbour",
        "currency": "EUR",
        "time_zone": "Europe/Vienna",
        "fiscal_month": 7,
        "locale": "de_AT",
    }
    assert json.loads(app("organisation", "show", "--json")) == shown
    assert "time zone: Europe/Vienna\n" in app("organisation", "show")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--currency", "XXY", "XXY is not a currency we know."),
        ("--time-zone", "Mars", "There is no time zone called Mars."),
        ("--fiscal-month", "13", "The fiscal year begins in a month from 1 to 12."),
        ("--locale", "xx", "There is no locale called xx."),
        ("--name", "", "name"),
    ],
)
def test_an_impossible_setting_changes_nothing(
    app: Callable[..., str], option: str, value: str, sentence: str
) -> None:
    before = app("organisation", "show", "--json")
    assert sentence in app("organisation", "set", option, value)
    assert app("organisation", "show", "--json") == before


def test_the_commands_are_told_apart_from_the_first_word_on() -> None:
    assert {MODULES["organisation"], MODULES["rate"]} == {organisation.__name__.split(".")[-1]}


def test_rates_are_set_and_listed(app: Callable[..., str]) -> None:
    app("rate", "set", "gbp", "2026-01-01", "1.25")
    app("rate", "set", "GBP", "2026-02-01", "1.3")
    assert app("rate", "list") == "GBP\t2026-02-01\t1.3\nGBP\t2026-01-01\t1.25\n"
    listed = json.loads(app("rate", "list", "--json"))
    assert listed[0] == {"currency": "GBP", "day": "2026-02-01", "rate": "1.3"}
    assert "1 to 12" not in app("rate", "set", "GBP", "1.2.2026", "1.3")
    assert "1.2.2026 is no day" in app("rate", "set", "GBP", "1.2.2026", "1.3")
    assert "above 0" in app("rate", "set", "GBP", "2026-02-01", "0")
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from exchange_rate where currency = 'GBP'")) == 2
