"""The rows that an import made, opened from the import screen in the lists."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press
from tests.pages.imports.test_import_file import button, upload

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST = b"id,name,email,amount,gift_date,fund\nG1,Ann Lee,ann@x.example,10,2026-01-05,Camp\n"
SECOND = (
    b"id,name,email,amount,gift_date,fund\nG1,Ann Lee,ann@x.example,15,2026-01-05,Camp\n"
    b"G2,Bo Ek,bo@x.example,20,2026-02-05,Camp\n"
)
PLEDGES = (
    b"id,name,email,amount,frequency,start_date,status\n"
    b"P1,Cy Vane,cy@x.example,10,monthly,2020-01-05,cancelled\n"
)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


def bring(actor: Actor, data: bytes, name: str = "a.csv") -> int:
    with transaction_for_system() as db:
        request = imports.ImportRequest(name, data)
        return imports.import_file(db, actor, request, today=TODAY, now=NOW).run_id


def links(page: AppTest) -> list[tuple[str, str, dict[str, str]]]:
    """Return (label, page, query) of the links to screens."""
    protos = [element.proto for element in page.get("page_link")]
    return [(proto.label, proto.page, dict(parse_qsl(proto.query_string))) for proto in protos]


def cells(page: AppTest, column: str) -> list[str]:
    return [each for table in html_tables(page) for each in table.columns.get(column, ())]


def names(page: AppTest) -> set[str]:
    return {*cells(page, "Donor"), *cells(page, "Name")}


def test_the_result_links_to_the_new_and_the_changed_rows(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    bring(ruth, FIRST)
    page = upload(screen("import_file", ruth), SECOND, "b.csv")
    page = button(page, "Import 2 gifts and 1 donor").click().run()
    assert not page.exception
    with transaction_for_system() as db:
        run_id = str(imports.history(db, ruth)[0].id)
    # those of the history follow
    assert links(page)[:4] == [
        ("New gifts", "gifts", {"import": run_id, "rows": "new"}),
        ("Changed gifts", "gifts", {"import": run_id, "rows": "changed"}),
        ("New donors", "donors", {"import": run_id, "rows": "new"}),
        ("Dashboard", "dashboard", {}),
    ]


def test_each_row_of_the_history_has_the_links_and_the_funds(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    first = bring(ruth, FIRST)
    page = screen("import_file", ruth)
    assert links(page) == [
        ("New gifts", "gifts", {"import": str(first), "rows": "new"}),
        ("New donors", "donors", {"import": str(first), "rows": "new"}),
    ]
    assert "New funds: Camp." in page_text(page).replace("\\", "")
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=first, now=NOW)
    page = screen("import_file", ruth)
    assert links(page) == []
    assert "New funds" not in page_text(page)


def test_the_lists_show_the_rows_of_the_import_of_the_address(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    bring(ruth, FIRST)
    run_id = str(bring(ruth, SECOND, "b_*x*.csv"))
    page = screen("gifts", ruth, **{"import": run_id, "rows": "new"})
    assert not page.exception
    assert names(page) == {"Bo Ek"}
    chip = page.button(key="import_filter_remove")
    assert chip.label == r"From import b\_\*x\*\.csv, 23 Nov"
    # both, and back to the changed ones only
    page.segmented_control(key="import_filter_rows").set_value("all").run()
    assert names(page) == {"Ann Lee", "Bo Ek"}
    page.segmented_control(key="import_filter_rows").set_value("changed").run()
    assert names(page) == {"Ann Lee"}
    assert page.query_params["rows"] == "changed"
    # a reload shows the same
    again = screen("gifts", ruth, **{"import": run_id, "rows": "changed"})
    assert names(again) == {"Ann Lee"}
    page.button(key="import_filter_remove").click().run()
    assert names(page) == {"Ann Lee", "Bo Ek"}
    assert "import" not in page.query_params
    page = screen("donors", ruth, **{"import": run_id, "rows": "new"})
    assert names(page) == {"Bo Ek"}


def test_the_pledges_of_an_import_include_those_that_have_ended(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    run_id = bring(ruth, PLEDGES)
    assert names(screen("pledges", ruth)) == set()
    assert names(screen("pledges", ruth, **{"import": str(run_id)})) == {"Cy Vane"}


@pytest.mark.parametrize("name", ["donors", "gifts", "pledges"])
def test_the_import_of_another_user_gives_a_sentence(
    screen: Callable[..., AppTest], ruth: Actor, name: str
) -> None:
    run_id = bring(ruth, FIRST)
    with transaction_for_system() as db:
        sam = make.person(db, name="Sam")
        make.pledge(db, make.donor(db, sam, "Own"), "10", "monthly", date(2026, 1, 1))
    for import_id in (str(run_id), "999999", "9" * 18):
        page = screen(name, sam, **{"import": import_id})
        assert not page.exception
        assert "This import is not one of yours" in page_text(page)
        assert page.button(key="import_filter_remove").label == "From an import"
        assert names(page) == set()
    for no_import in ("x", "-1", "9" * 30, ""):
        page = screen(name, sam, **{"import": no_import})
        assert not page.exception
        assert "This import" not in page_text(page)


def test_an_undone_import_says_so(screen: Callable[..., AppTest], ruth: Actor) -> None:
    run_id = bring(ruth, FIRST)
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    page = screen("gifts", ruth, **{"import": str(run_id)})
    assert "This import was undone, so no gift of it is left." in page_text(page)
    page = press(page, page.button(key="import_filter_remove").label)
    assert "This import" not in page_text(page)


def test_rows_to_correct_are_offered_before_and_after_the_import(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    data = b"name,email,amount,gift_date\nAnn Lee,ann@x.example,ten,2026-01-05\n"
    page = upload(screen("import_file", ruth), data)
    # no row can be imported: the file is offered all the same
    assert "No row of this file can be imported as it is." in page_text(page)
    (link,) = page.get("link_button")
    assert link.proto.label == "Download 1 row to correct"
    with transaction_for_system() as db:
        preview_id = int(link.proto.url.rpartition("/")[2].removesuffix(".csv"))
        text = imports.error_file(db, ruth, run_id=preview_id).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("Ann Lee,ann@x.example,ten,2026-01-05,")
    bring(ruth, data + b"Bo Ek,bo@x.example,20,2026-02-05\n")
    labels = [each.proto.label for each in screen("import_file", ruth).get("link_button")]
    assert labels[-2:] == ["Download the file", "Download 1 row to correct"]
