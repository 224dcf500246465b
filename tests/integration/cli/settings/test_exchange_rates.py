"""The command rate: set, list, import, delete."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import URL, text

from app import accounts
from app.cli.commands import SUMMARIES
from app.cli.settings import exchange_rates
from app.db import transaction_for_system
from tests import factories as make

App = Callable[..., str]
HISTORY = "Date,USD,CHF,\n2026-01-06,1.10,N/A,\n2026-01-05,1.20,0.96,\n1999-01-04,N/A,1.6,\n"


def test_the_commands_are_told_apart_from_the_first_word_on() -> None:
    assert f"app.cli.{SUMMARIES['rate'].module}" == exchange_rates.__name__


def test_rates_are_set_and_listed(app: App) -> None:
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


def test_a_file_is_imported_once(app: App, database: URL, tmp_path: Path) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        donor = make.donor(db)
        gift = make.gift(db, donor, "100", date(2026, 1, 5), currency="CHF")
        db.execute(
            text("update gift set base_minor = 0, awaiting_rate = true where id = :id"),
            {"id": gift},
        )
    file = tmp_path / "eurofxref-hist.csv"
    file.write_text(HISTORY)
    tried = app("rate", "import", str(file), "--dry-run")
    assert tried.endswith("Nothing was saved: this was a dry run.\n")
    assert app("rate", "list") == ""
    assert app("rate", "import", str(file)) == (
        "Left out: 1 day without a rate of USD, your currency.\n"
        "3 rates: 3 new.\n"
        "1 gift in CHF: from $0 to $125; 1 waited for a rate.\n"
    )
    assert app("rate", "list") == (
        "CHF\t2026-01-05\t1.25\nEUR\t2026-01-06\t1.1\nEUR\t2026-01-05\t1.2\n"
    )
    assert "Nothing changed: 3 rates already here.\n" in app("rate", "import", str(file))
    assert app("rate", "delete", "chf", "2026-01-05") == (
        "1 rate: 1 deleted.\n1 gift in CHF: from $125 to $0; 1 without a rate and in no sum.\n"
    )
    assert "no exchange rate" in app("rate", "delete", "chf", "2026-01-05")


def test_a_file_that_cannot_be_used_saves_nothing(app: App, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("currency,day,rate\nCHF,2026-01-05,1.1\nCHF,2026-01-06,abc\n")
    said = app("rate", "import", str(file))
    assert "Nothing was saved: 1 row of the file cannot be used.\nRow 3: " in said
    assert app("rate", "list") == ""


def test_a_file_of_50_megabytes_is_refused(app: App, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    with file.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    assert file.stat().st_size > accounts.MAX_RATE_FILE_BYTES
    assert "larger than 10 MB" in app("rate", "import", str(file))
