"""Which donors conditions find: each field and comparison, groups, rights, and hidden names."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.donors import DonorFilter
from app.kit.errors import InvalidError
from tests import factories as make

TODAY = date(2026, 11, 23)
Group = Sequence[Sequence[str]]


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db, fiscal_start_month=7)
    return make.person(db, "admin")


@pytest.fixture
def people(db: Session, ada: Actor) -> dict[str, int]:
    """Six donors that differ in everything a condition looks at."""
    make.custom_field(db, "Church", "text")
    make.custom_field(db, "Seats", "number")
    make.custom_field(db, "Met on", "date")
    make.custom_field(db, "Shirt", "choice", "S", "M")
    make.custom_field(db, "Vegan", "yes-no")
    ids = {
        "Ann": make.donor(
            db,
            ada,
            "Ann",
            status="donor",
            preferred_language="pt_BR",
            email="ann@example.org",
            phone="0301 234567",
            last_contacted_on=date(2026, 11, 1),
            tag="choir",
            custom={
                "Church": "St. Paul 100% ok",
                "Seats": "12.5",
                "Met on": "2020-05-01",
                "Shirt": "S",
                "Vegan": "true",
            },
        ),
        "Bo": make.donor(
            db,
            ada,
            "Bo",
            status="donor",
            preferred_language="de",
            no_email=True,
            email="bo@example.org",
            preferred_channel="phone",
            custom={"Seats": "9", "Shirt": "M", "Vegan": "false"},
        ),
        "Cy": make.donor(db, ada, "Cy", kind="organisation", status="prospect"),
        "Di": make.donor(db, ada, "Di", status="lapsed", deceased=True, email="di@example.org"),
        "Ed": make.donor(db, ada, "Ed", anonymous=True, address={"city": "Bern", "country": "CH"}),
        "Flo": make.donor(db, None, "Flo", address={"city": "Bonn", "postal_code": "53111"}),
    }
    relief, camp = make.fund(db, "Relief"), make.campaign(db, "Summer camp")
    make.gift(db, ids["Ann"], "700", date(2026, 11, 20), fund_id=relief)
    make.gift(db, ids["Ann"], "300", date(2025, 8, 1))
    make.gift(db, ids["Bo"], "50", date(2026, 6, 30), campaign_id=camp)
    returned = make.gift(db, ids["Di"], "80", date(2024, 1, 5), fund_id=relief)
    make.reversal(db, returned)
    make.pledge(db, ids["Bo"], "50", start=date(2026, 1, 1))
    make.household(db, ids["Flo"], name="The Flos")
    return ids


def found(db: Session, actor: Actor, *groups: Group, **filters: object) -> list[str]:
    where = json.dumps(groups)
    chosen = DonorFilter(where=where, **filters)  # type: ignore[arg-type]
    page = donors.page(db, actor, filter=chosen, today=TODAY)
    ids = donors.filtered_ids(db, actor, filter=chosen, today=TODAY)
    assert sorted(ids) == sorted(line.donor_id for line in page.lines)
    assert page.total == len(page.lines)
    return [line.name for line in page.lines]


ALL = ["Ann", "Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]
SINGLE = [
    (["status", "is", "donor"], ["Ann", "Bo"]),
    (["status", "is", "donor", "lapsed"], ["Ann", "Bo", "Di"]),
    (["kind", "is not", "person"], ["Cy", "The Flos"]),
    (["giving", "is", "never gave"], ["Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["owner", "is", "0"], ["Flo", "The Flos"]),
    (["language", "is", "pt"], ["Ann"]),
    (["language", "is not", "pt"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["channel", "is", "phone"], ["Bo"]),
    (["gifts", "at least", "2"], ["Ann"]),
    (["gifts", "at least", "0"], ALL),
    (["gifts", "at most", "0"], ["Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["lifetime", "at least", "1000"], ["Ann"]),
    (["lifetime", "at most", "999.99"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["this year", "at least", "700"], ["Ann"]),
    (["last year", "at least", "50"], ["Ann", "Bo"]),
    (["largest", "at least", "700"], ["Ann"]),
    (["last year not this", "is", "yes"], ["Bo"]),
    (["last year not this", "is", "no"], ["Ann", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["last gift", "since", "2026-06-30"], ["Ann", "Bo"]),
    (["last gift", "before", "2026-11-20"], ["Bo"]),
    (["last gift", "in the last", "4"], ["Ann"]),
    (["last gift", "in the last", "3"], []),
    (["last gift", "not in the last", "4"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["last gift", "never"], ["Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["first gift", "before", "2026-01-01"], ["Ann"]),
    (["last contact", "since", "2026-11-01"], ["Ann"]),
    (["last contact", "never"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["pledge", "is", "yes"], ["Bo"]),
    (["household", "is", "yes"], ["Flo", "The Flos"]),
    (["anonymous", "is", "yes"], ["Ed"]),
    (["deceased", "is", "yes"], ["Di"]),
    (["email", "is", "yes"], ["Ann", "Bo", "Di"]),
    (["may email", "is", "yes"], ["Ann"]),
    (["may phone", "is", "yes"], ["Ann"]),
    (["may mail", "is", "yes"], ["Ed", "Flo"]),
    (["address", "is", "no"], ["Ann", "Bo", "Cy", "Di", "The Flos"]),
    (["city", "starts with", "b"], ["Ed", "Flo"]),
    (["city", "is", "BONN"], ["Flo"]),
    (["postal code", "is empty"], ["Ann", "Bo", "Cy", "Di", "Ed", "The Flos"]),
    (["country", "is", "ch"], ["Ed"]),
    (["custom:Church", "contains", "100%"], ["Ann"]),
    (["custom:Church", "contains", "1%0"], []),
    (["custom:Church", "is empty"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["custom:Seats", "at least", "10"], ["Ann"]),
    (["custom:Seats", "at most", "12.4"], ["Bo"]),
    (["custom:Met on", "before", "2020-05-02"], ["Ann"]),
    (["custom:Met on", "never"], ["Bo", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["custom:Shirt", "is", "M"], ["Bo"]),
    (["custom:Shirt", "is not", "M"], ["Ann", "Cy", "Di", "Ed", "Flo", "The Flos"]),
    (["custom:Vegan", "is", "no"], ["Bo"]),
]


@pytest.mark.parametrize(("condition", "names"), SINGLE, ids=" ".join)
def test_a_condition_finds(
    db: Session, ada: Actor, people: dict[str, int], condition: list[str], names: list[str]
) -> None:
    assert set(people) <= set(ALL)
    assert found(db, ada, [condition]) == names


def test_every_field_and_comparison_is_tried_above(db: Session, ada: Actor) -> None:
    fields = {field.key for field in donors.condition_fields(db, ada)}
    tried = {condition[0] for condition, _ in SINGLE} | {"tag", "fund", "campaign"}
    assert fields - {"phone", "state"} <= tried
    # a test is only as good as the difference it sees
    assert {tuple(names) for _, names in SINGLE} > {(), tuple(ALL)}


def test_tags_funds_and_campaigns_follow_a_merge(
    db: Session, ada: Actor, people: dict[str, int]
) -> None:
    names = {field.key: field.choices for field in donors.condition_fields(db, ada)}

    def number(kind: str, name: str) -> str:
        return next(key for key, label in names[kind].items() if label == name)

    choir = number("tag", "choir")
    assert found(db, ada, [["tag", "is", choir]]) == ["Ann"]
    assert "Ann" not in found(db, ada, [["tag", "is not", choir]])
    # a gift that was taken back is no gift for the fund
    assert found(db, ada, [["fund", "is", number("fund", "Relief")]]) == ["Ann"]
    assert found(db, ada, [["campaign", "is", number("campaign", "Summer camp")]]) == ["Bo"]
    singers = donors.create_tag(db, ada, name="singers")
    donors.merge_tags(db, ada, tag_id=int(choir), into_id=singers, version=1)
    assert people["Ann"]
    assert found(db, ada, [["tag", "is", str(singers)]]) == ["Ann"]
    # conditions of before the merge ask for the other tag, and say so
    assert found(db, ada, [["tag", "is", choir]]) == ["Ann"]
    where = json.dumps([[["tag", "is", choir, str(singers)]]])
    assert donors.where_sentence(db, ada, where, today=TODAY) == "Tag is singers"
    # a choice that is gone is named, and never passed over
    donors.delete_tag(db, ada, tag_id=singers, version=1)
    with pytest.raises(InvalidError, match="Tag: a choice does not exist any more"):
        found(db, ada, [["tag", "is", choir]])


def test_of_groups_any_must_hold_and_of_conditions_all(
    db: Session, ada: Actor, people: dict[str, int]
) -> None:
    donor, rich = ["status", "is", "donor"], ["lifetime", "at least", "1000"]
    organisation = ["kind", "is", "organisation"]
    assert people
    assert found(db, ada, [donor, rich], [organisation]) == ["Ann", "Cy"]
    assert found(db, ada, [donor, rich, organisation]) == []
    # with another filter both must hold
    assert found(db, ada, [donor], query="bo") == ["Bo"]
    assert found(db, ada, [donor], statuses=("lapsed",)) == []


def test_a_household_passes_with_a_member_who_does(
    db: Session, ada: Actor, people: dict[str, int]
) -> None:
    assert people
    bonn = [["city", "is", "Bonn"]]
    assert found(db, ada, bonn, unit=donors.Unit.HOUSEHOLD) == ["The Flos"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_groups_are_unions_of_intersections(
    db: Session, ada: Actor, people: dict[str, int], data: st.DataObject
) -> None:
    """Any groups find what sets of the single conditions' donors say."""
    assert people
    single = st.sampled_from(SINGLE)
    groups = data.draw(st.lists(st.lists(single, min_size=1, max_size=4), min_size=1, max_size=4))
    expected: set[str] = set()
    for group in groups:
        expected |= set(ALL).intersection(*(names for _, names in group))
    conditions = [[condition for condition, _ in group] for group in groups]
    assert found(db, ada, *conditions) == sorted(expected)


def test_a_coach_finds_nobody_by_amounts(db: Session, ada: Actor, people: dict[str, int]) -> None:
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ada, "coach")
    assert people
    assert found(db, coach, [["gifts", "at least", "2"]]) == ["Ann"]
    for condition in (["lifetime", "at least", "1000"], ["custom:Church", "contains", "100"]):
        with pytest.raises(InvalidError, match="there is no such field"):
            found(db, coach, [condition])


def test_a_hidden_donor_is_not_found_by_what_is_hidden(
    db: Session, ada: Actor, people: dict[str, int]
) -> None:
    reader = make.person(db, "read_only")
    assert people
    assert found(db, reader, [["city", "starts with", "b"]]) == ["Flo"]
    assert found(db, reader, [["city", "is empty"]]) == ["Ann", "Bo", "Cy", "Di", "The Flos"]
    assert found(db, reader, [["anonymous", "is", "yes"]]) == ["Anonymous"]
    assert "Anonymous" not in found(db, reader, [["custom:Shirt", "is not", "M"]])


def test_days_are_counted_back_from_the_day_it_is_asked(
    db: Session, ada: Actor, people: dict[str, int]
) -> None:
    chosen = DonorFilter(where='[[["last gift","in the last","4"]]]')
    assert people
    for day, names in ((TODAY, ["Ann"]), (TODAY + timedelta(days=1), [])):
        lines = donors.page(db, ada, filter=chosen, today=day).lines
        assert [line.name for line in lines] == names
