"""The request to import a file: validation, copies of its mappings, and its stored form."""

import json

import pytest

from app.imports import ImportRequest
from app.imports.request import stored_request
from app.kit.errors import InvalidError
from tests.values import ImportChoices

DATA = b"name\nAnn Lee\n"
CHOICES: ImportChoices = {
    "preset": "mapping",
    "kind": "donors",
    "mapping": {"name": "name"},
    "saved_mapping": 7,
    "date_order": "dmy",
    "decimal": "comma",
    "repeats": True,
    "source": "ledger",
    "words": {"status": {"friend": "donor"}},
    "people": {"1": "new"},
    "policies": {"notes": "keep"},
    "reading": {"encoding": "cp1250", "header": 2},
    "currency": "EUR",
    "fund": "Roof",
    "method": "cash",
}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"kind": "people"}, "A file holds one of donors"),
        ({"date_order": "ydm"}, "The date order is one of"),
        ({"decimal": "dot"}, "The decimal mark is one of"),
        ({"owner": "a\0"}, "The e-mail of the owner contains"),
        ({"source": "a\0"}, "The name of the source contains"),
        ({"people": {"1": "yes"}}, "answers no question"),
        ({"policies": {"notes": "burn"}}, "is no choice"),
        ({"reading": {"header": -1}}, "one of the first 40 rows"),
    ],
)
def test_an_invalid_choice_is_refused(choice: ImportChoices, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        ImportRequest("a.csv", DATA, **choice)


def test_an_invalid_file_name_is_refused() -> None:
    with pytest.raises(InvalidError, match="The name of the file contains"):
        ImportRequest("a\0.csv", DATA)


def test_later_changes_of_the_mappings_do_not_change_the_request() -> None:
    words = {"status": {"friend": "donor"}}
    request = ImportRequest("a.csv", DATA, words=words)
    words["status"]["friend"] = "lapsed"
    assert request.words == {"status": {"friend": "donor"}}


def test_the_stored_options_give_the_same_request() -> None:
    request = ImportRequest("a.csv", DATA, **CHOICES)
    options = json.loads(json.dumps(request.as_json()))
    assert options == CHOICES
    assert stored_request("a.csv", DATA, options) == request


def test_missing_options_have_defaults() -> None:
    options = {"words": None, "mapping": None}
    assert stored_request("a.csv", DATA, options) == ImportRequest("a.csv", DATA)


def test_the_content_of_the_file_is_not_in_the_text_form() -> None:
    assert "Ann Lee" not in repr(ImportRequest("a.csv", DATA))
