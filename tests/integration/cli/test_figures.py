"""The command figures: every number by name, with what the sums leave out."""

import sys
from datetime import date

import pytest
from sqlalchemy import URL

from app.cli import figures as command
from app.cli import main
from app.cli.commands import SUMMARIES
from app.db.session import dispose, transaction_for_system
from tests import factories as make


def figures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Run the command and return what it prints, by name."""
    words = ["app", "figures", "--as", "ruth@example.org", "--today", "2026-11-23"]
    monkeypatch.setattr(sys, "argv", words)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    dispose()
    lines = capsys.readouterr().out.splitlines()
    return {name: value.strip() for name, _, value in (line.partition(" ") for line in lines)}


def test_gifts_without_a_rate_are_printed_with_their_amounts(
    database: URL, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        donor = make.donor(db, make.person(db, email="ruth@example.org"))
        make.gift(db, donor, 30, date(2026, 10, 1))
    complete = figures(monkeypatch, capsys)
    assert (complete["received"], complete["gifts_waiting_for_rate"]) == ("30.00", "0")
    assert complete["gifts_waiting_for_rate_amounts"] == "-"
    with transaction_for_system() as db:
        for amount, currency in ((200, "CHF"), (1500, "SEK")):
            on = date(2026, 10, 2)
            make.gift(db, donor, amount, on, currency=currency, awaiting_rate=True)
    shown = figures(monkeypatch, capsys)
    assert shown["received"] == "30.00"
    assert shown["gifts_waiting_for_rate"] == shown["received_waiting_for_rate"] == "2"
    assert shown["gifts_waiting_for_rate_amounts"] == "CHF 200.00, SEK 1500.00"


def test_the_command_is_found_by_its_name() -> None:
    assert f"app.cli.{SUMMARIES['figures'].module}" == command.__name__
