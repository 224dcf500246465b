"""“Export these”: the links carry the filters of the screen, for roles that may export."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import exports, imports
from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.donors import DonorFilter
from app.gifts import GiftFilter
from app.pledges import PledgeFilter
from tests import factories as make
from tests.pages.conftest import field


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        mara = make.donor(db, ruth, "Mara & Co = 1", kind="organisation")
        make.gift(db, mara, "10", date(2020, 1, 5), method="check")
        make.pledge(db, mara, "5", "monthly", date(2020, 1, 1))
    return ruth


def query_of_links(page: AppTest, kind: str) -> exports.ExportQuery:
    """What the two links ask the route for, read as the route reads it."""
    links = [urlsplit(link.proto.url) for link in page.get("link_button")]
    assert [link.path for link in links] == [
        f"/api/v1/files/{kind}.{end}" for end in exports.FORMS
    ]
    read = [
        exports.decode_query(kind, parse_qsl(link.query, strict_parsing=True))
        for link in links
        if link.query
    ]
    return read[0] if read else exports.ExportQuery()


def test_donors_as_filtered(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("donors", ruth)
    assert query_of_links(page, "donors") == exports.ExportQuery()
    page = field(page, "query").set_value("Mara & Co =").run()
    page = field(page, "kind").set_value(["organisation"]).run()
    page = field(page, "export_donors_columns").set_value(["phone", "name"]).run()
    expected = DonorFilter(query="Mara & Co =", kinds=("organisation",))
    assert query_of_links(page, "donors") == exports.ExportQuery(expected, ("name", "phone"))
    page = field(page, "query").set_value("nobody at all").run()
    assert not page.get("link_button")


def test_gifts_as_filtered(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("gifts", ruth)
    page = field(page, "method").set_value("check").run()
    page = field(page, "thanked").set_value("no").run()
    assert query_of_links(page, "gifts").filter == GiftFilter(method="check", thanked=False)


def test_pledges_as_filtered(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("pledges", ruth)
    running = ("active", "paused")
    assert query_of_links(page, "pledges").filter == PledgeFilter(statuses=running)
    page = field(page, "standing").set_value(["late", "cancelled"]).run()
    assert query_of_links(page, "pledges").filter == PledgeFilter(states=("late", "cancelled"))
    page = field(page, "standing").set_value(["late"]).run()
    assert query_of_links(page, "pledges").filter == PledgeFilter(
        statuses=running, states=("late",)
    )


@pytest.mark.parametrize("kind", ["donors", "gifts", "pledges"])
def test_the_rows_of_an_import(screen: Callable[..., AppTest], ruth: Actor, kind: str) -> None:
    data = b"name,email,amount,gift_date\nAnn Lee,ann@x.example,10,2026-01-05\n"
    if kind == "pledges":
        data = b"name,amount,frequency,start_date\nAnn Lee,10,monthly,2026-01-05\n"
    with transaction_for_system() as db:
        run_id = imports.import_file(
            db,
            ruth,
            imports.ImportRequest("a.csv", data),
            today=date(2026, 11, 23),
            now=datetime(2026, 11, 23, tzinfo=UTC),
        ).run_id
    page = screen(kind, ruth, **{"import": str(run_id), "rows": "new"})
    row_filter = query_of_links(page, kind).filter
    assert isinstance(row_filter, DonorFilter | GiftFilter | PledgeFilter)
    assert (row_filter.import_id, row_filter.import_rows) == (run_id, "new")


def test_a_coach_and_finance_export_what_they_may(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        coach, finance = make.person(db, role=Role.COACH), make.person(db, role=Role.FINANCE)
        make.looks_after(db, coach, ruth)
    for actor, listed in ((coach, ()), (finance, ("gifts",))):
        for kind in ("donors", "gifts", "pledges"):
            borrowed = replace(actor, viewer_id=ruth.user_id, viewer_name="Ruth")
            assert not screen(kind, borrowed).get("link_button")
            assert bool(screen(kind, actor).get("link_button")) == (kind in listed), (
                actor.role,
                kind,
            )
