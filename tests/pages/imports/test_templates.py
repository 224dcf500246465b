"""Templates on the import screen: offered without a file, recognised when one is filled in."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import URL

from app import imports
from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.imports.mapping import templates
from tests import factories as make
from tests.integration.imports.mapping.test_templates import filled
from tests.pages.imports.test_import_file import button, screen, shown_text, upload


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


def links(actor: Actor) -> list[str]:
    page = screen(actor)
    paths = [urlsplit(link.proto.url).path for link in page.get("link_button")]
    return [path for path in paths if "template" in path]


def test_a_template_of_each_kind_is_offered(ruth: Actor) -> None:
    assert links(ruth) == [
        f"/api/v1/files/import-templates/{kind}.csv" for kind in imports.TEMPLATES
    ]
    assert imports.TEMPLATES[:4] == ("donors", "gifts", "pledges", "funds")


def test_finance_is_offered_what_finance_imports(ruth: Actor) -> None:
    with transaction_for_system() as db:
        fay = make.person(db, Role.FINANCE)
    assert links(fay) == [
        f"/api/v1/files/import-templates/{kind}.csv" for kind in ("gifts", "soft-credits")
    ]


def test_a_filled_template_is_imported_without_its_examples(ruth: Actor) -> None:
    page = upload(screen(ruth), filled("donors"))
    text = shown_text(page)
    assert "Recognised as DonorCRM template: donors, 3 rows." in text
    assert "Unused columns" not in text
    assert "2 rows left out" in [expander.label for expander in page.expander]
    button(page, "Import 1 donor").click().run()
    assert "1 new" in shown_text(page)


def test_a_template_that_was_not_filled_in_says_so(ruth: Actor) -> None:
    page = upload(screen(ruth), templates.template("gifts"))
    assert "The file holds no rows yet" in shown_text(page)
