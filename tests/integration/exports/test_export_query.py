"""Exports of a filtered list: its rows and the chosen columns only."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import URL, text

from app import exports
from app.accounts import Actor
from app.db import transaction_for_system
from app.donors import DonorFilter
from app.gifts import GiftFilter
from app.kit.dates.days import Span
from app.pledges import PledgeFilter
from tests import factories
from tests.integration.api.test_routes import client
from tests.integration.exports.test_downloads import cookie_of
from tests.web_client import TestClient

__all__ = ["client"]


@pytest.fixture
def owners(database: URL) -> dict[str, Actor]:
    """Add two owners: Ruth's donor Mara with two gifts and Ida with one; Otto is Sam's."""
    with transaction_for_system() as db:
        factories.organisation(db)
        ruth, sam = factories.person(db, name="Ruth"), factories.person(db, name="Sam")
        mara = factories.donor(db, ruth, "Mara Vogel")
        otto = factories.donor(db, sam, "Otto Fir")
        ida = factories.donor(db, ruth, "Ida Roe", kind="organisation", tag="choir")
        factories.gift(db, mara, "10", date(2026, 1, 5), method="check")
        factories.gift(db, mara, "20", date(2026, 2, 5), method="cash")
        factories.gift(db, ida, "30", date(2026, 2, 6), method="check")
        factories.gift(db, otto, "40", date(2026, 2, 6), method="check")
        factories.pledge(db, mara, "5", "monthly", date(2026, 1, 1))
        factories.pledge(db, ida, "6", "monthly", date(2026, 1, 1), status="cancelled")
    return {"ruth": ruth, "sam": sam}


FEBRUARY = Span(date(2026, 2, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("kind", "row_filter", "column", "cells"),
    [
        ("donors", DonorFilter(query="mara"), "name", ["Mara Vogel"]),
        ("donors", DonorFilter(query="Marra Vogl"), "name", ["Mara Vogel"]),
        ("donors", DonorFilter(kinds=("organisation",), tag="choir"), "name", ["Ida Roe"]),
        ("donors", DonorFilter(query="otto"), "name", []),
        ("donors", DonorFilter(query="%"), "name", []),
        ("gifts", GiftFilter(span=FEBRUARY), "amount", ["20.00", "30.00"]),
        ("gifts", GiftFilter(method="check", thanked=False), "amount", ["10.00", "30.00"]),
        ("gifts", GiftFilter(query="ida"), "amount", ["30.00"]),
        ("pledges", PledgeFilter(statuses=("active", "paused")), "amount", ["5.00"]),
        ("pledges", PledgeFilter(states=("cancelled",)), "amount", ["6.00"]),
    ],
)
def test_an_export_has_the_rows_of_the_filtered_list(
    client: TestClient,
    owners: dict[str, Actor],
    kind: str,
    row_filter: DonorFilter | GiftFilter | PledgeFilter,
    column: str,
    cells: list[str],
) -> None:
    ruth = cookie_of(owners["ruth"])
    parts = exports.encode_query(exports.ExportQuery(row_filter, (column, "id")))
    response = client.get(f"{exports.FILES_URL}/{kind}.csv", params=parts, headers=ruth)
    assert response.status_code == 200, response.text
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row[column] for row in rows] == cells
    assert response.text.splitlines()[0].split(",") == ["id", column]


def test_a_filtered_export_logs_access_to_its_donors_only(
    client: TestClient, owners: dict[str, Actor]
) -> None:
    ruth = cookie_of(owners["ruth"])
    for kind, row_filter in (
        ("donors", DonorFilter(query="ida")),
        ("gifts", GiftFilter(method="cash")),
        ("pledges", PledgeFilter(states=("cancelled",))),
    ):
        client.get(
            f"{exports.FILES_URL}/{kind}.csv",
            params=exports.encode_query(exports.ExportQuery(row_filter)),
            headers=ruth,
        )
    with transaction_for_system() as db:
        looks = db.scalars(
            text(
                "select d.name from donor_access a join donor d on d.id = a.donor_id order by a.id"
            )
        ).all()
    assert looks == ["Ida Roe", "Mara Vogel", "Ida Roe"]


@pytest.mark.parametrize(
    "address",
    [
        "donors.csv?column=password",
        "donors.csv?column=id,(select 1)",
        "donors.csv?owner_id=1 or 1",
        "donors.csv?owner_id=9223372036854775808",
        "donors.csv?statuses=friend",
        "donors.csv?span=1",
        "donors.csv?query=a&query=b",
        "donors.csv?query=a%00b",
        "donors.csv?method=check",
        "donors.csv?since=2026-01-01&before=2026-02-01",
        "gifts.csv?since=2026-01-01",
        "gifts.csv?since=x&before=y",
        "gifts.csv?method=gold",
        "gifts.csv?thanked=maybe",
        "funds.csv?query=a",
        "figures.csv?column=value",
        "tasks.csv?statuses=donor",
        "donors.csv?query=" + "x" * 301,
    ],
)
def test_unknown_parameters_are_refused(
    client: TestClient, owners: dict[str, Actor], address: str
) -> None:
    ruth = cookie_of(owners["ruth"])
    response = client.get(f"{exports.FILES_URL}/{address}", headers=ruth)
    assert (response.status_code, "export from there" in response.text) == (422, True)


def test_another_users_owner_id_shows_no_rows(
    client: TestClient, owners: dict[str, Actor]
) -> None:
    ruth = cookie_of(owners["ruth"])
    sam = owners["sam"].user_id
    for address in (f"donors.csv?owner_id={sam}", f"gifts.csv?owner_id={sam}"):
        response = client.get(f"{exports.FILES_URL}/{address}", headers=ruth)
        assert (response.status_code, len(response.text.splitlines())) == (200, 1), response.text
