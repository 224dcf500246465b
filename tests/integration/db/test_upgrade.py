"""The database of every release comes up to today's schema, with every row and every sum."""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from app import backups, demo, donors, insights
from app.accounts import actor_by_email
from app.db import aggregate_check, schema_revision, squashed, transaction, transaction_for_system
from app.db.embedded import server as embedded
from app.settings import ROOT
from tests import database as run
from tests import releases

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
# refused, see test_squashed.py
TOO_OLD = {"20261128_mail_care"}
RELEASES = sorted({file.stem for file in releases.FOLDER.glob("*.zip")} - TOO_OLD)


@pytest.fixture
def bare(_template: None) -> Iterator[None]:
    """A database with nothing in it."""
    name = f"upgraded_{os.getpid()}"
    run.admin(f"create database {name}")
    run.use(embedded.url(run.home(), name))
    yield
    run.use(run.NOWHERE)
    run.admin(f"drop database {name} with (force)")


def test_every_release_is_kept() -> None:
    known = {one.stem for one in (ROOT / "migrations" / "versions").glob("*.py")}
    assert RELEASES
    assert set(RELEASES) <= known | {squashed.BEFORE_NAMES, squashed.LAST}


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("release", RELEASES)
def test_it_comes_up_with_every_row_and_sum(release: str) -> None:
    file = releases.FOLDER / f"{release}.zip"
    with zipfile.ZipFile(file) as whole:
        told = json.loads(whole.read("manifest.json"))
    assert told["revision"] == release

    backups.restore(file, now=NOW)

    assert schema_revision.at_head()
    with transaction_for_system() as db:
        assert not any(aggregate_check.differences(db).values())
        for name in ("donor", "gift", "pledge", "pledge_amount", "task"):
            facts = told["tables"][name]
            assert db.scalar(text(f"select count(*) from {name}")) == facts["rows"] > 0
            for sum_of, expected in facts["sums"].items():
                # "amount_minor EUR": of one currency
                column, _, currency = sum_of.partition(" ")
                only = f"where currency = '{currency}'" if currency else ""
                found = db.scalar(text(f"select coalesce(sum({column}), 0) from {name} {only}"))
                assert str(found) == str(expected)
        people = [actor_by_email(db, one.email) for one in demo.SIGN_INS]
    for who in people:
        with transaction(who) as db:
            assert donors.page(db, who, filter=donors.DonorFilter(), today=TODAY).lines
            seen = insights.dashboard(db, who, filter=insights.DashboardFilter(), today=TODAY)
            assert seen.changes.now == seen.income.total
