"""The schema can be spread over machines by donor: a donor's rows stay together."""

import pytest
from sqlalchemy import Table, UniqueConstraint

from app.db.models import Base

TABLES = Base.metadata.sorted_tables
# keys that hold for the whole organisation, whatever machine a donor's rows are on
EVERYWHERE = {
    "gift": {
        "source external_id": "a file's row is brought in once, whoever it is for",
        "receipt_number": "receipts are numbered without gaps",
    },
    "pledge": {"source external_id": "a file's row is brought in once, whoever it is for"},
    "donor_external_id": {"source external_id": "finds the donor"},
    **{
        table: {"import_source external_id": "a file's row is brought in once"}
        for table in ("care_request", "contact_log", "donor_consent", "task")
    },
    "alert": {"key": "one alert a cause; the cause names the donor's own pledge or gift"},
    "pledge_amount": {"pledge_id effective_from": "a pledge is one donor's"},
    "pledge_summary": {"pledge_id": "a pledge is one donor's"},
    "pledge_refusal": {"gift_id pledge_id": "a gift is one donor's"},
    "pledge_terms": {"pledge_id until_date": "a pledge is one donor's"},
    "pledge_skip": {"pledge_id due_on": "a pledge is one donor's"},
}
# a task may be about nobody, an audit log entry about no donor
MAY_BE_ABOUT_NOBODY = {"task", "activity"}


def about_donors() -> list[Table]:
    """Every table that leads to a donor, whichever way."""
    result = {"donor"}
    while True:
        options = {
            table.name
            for table in TABLES
            for key in table.foreign_keys
            if key.column.table.name in result and table.name != "donor"
        } - result
        if not options:
            return [table for table in TABLES if table.name in result - {"donor"}]
        result |= options


def uniques(table: Table) -> list[list[str]]:
    result = [
        [column.name for column in key.columns]
        for key in table.constraints
        if isinstance(key, UniqueConstraint)
    ]
    return result + [
        [column.name for column in key.columns] for key in table.indexes if key.unique
    ]


@pytest.mark.parametrize("table", about_donors(), ids=lambda table: table.name)
def test_what_is_about_a_donor_says_whose_it_is(table: Table) -> None:
    assert "donor_id" in table.columns
    assert not table.columns["donor_id"].nullable or table.name in MAY_BE_ABOUT_NOBODY


@pytest.mark.parametrize("table", about_donors(), ids=lambda table: table.name)
def test_a_key_is_the_donors_own_or_shared_by_all_shards(table: Table) -> None:
    keys = [*uniques(table), [column.name for column in table.primary_key.columns]]
    for key in keys:
        # a number given by the database is its own everywhere
        own = "donor_id" in key or key == ["id"]
        assert own or " ".join(key) in EVERYWHERE.get(table.name, {}), key


def test_the_list_of_exceptions_is_true() -> None:
    names = {
        table.name: {
            " ".join(key)
            for key in [*uniques(table), [column.name for column in table.primary_key.columns]]
        }
        for table in TABLES
    }
    for name, keys in EVERYWHERE.items():
        assert set(keys) <= names[name], name
    assert len(about_donors()) > 15
