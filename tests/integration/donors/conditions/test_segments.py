"""Saved segments: who may use and change them, and what they say."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import donors
from app.accounts import Actor
from app.db.models import Activity
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)
GIVERS, RICH = '[[["gifts","at least","1"]]]', '[[["lifetime","at least","1000"]]]'


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


def names(db: Session, actor: Actor) -> list[str]:
    return [line.name for line in donors.segments(db, actor, today=TODAY)]


def save(db: Session, actor: Actor, name: str = "Givers", **values: str) -> int:
    return donors.save_segment(db, actor, **{"name": name, "where": GIVERS} | values)


def test_a_segment_is_saved_used_changed_and_deleted(db: Session, ruth: Actor) -> None:
    giver = make.donor(db, ruth, "Ann")
    make.donor(db, ruth, "Bo")
    make.gift(db, giver, "20", date(2026, 11, 1))
    segment = save(db, ruth, "  Givers ")
    chosen = donors.DonorFilter(segment_id=segment)
    assert donors.filtered_ids(db, ruth, filter=chosen, today=TODAY) == (giver,)
    (line,) = donors.segments(db, ruth, today=TODAY)
    assert (line.name, line.sentence) == ("Givers", "Number of gifts at least 1")
    assert (line.owner_name, line.shared_with, line.changeable) == ("Ruth", "nobody", True)
    change = {"segment_id": segment, "name": "Rich", "where": RICH, "shared_with": "team"}
    donors.change_segment(db, ruth, version=1, **change)  # type: ignore[arg-type]
    assert donors.filtered_ids(db, ruth, filter=chosen, today=TODAY) == ()
    with pytest.raises(ConflictError, match="Nothing was saved"):
        donors.change_segment(db, ruth, version=1, **change)  # type: ignore[arg-type]
    donors.delete_segment(db, ruth, segment_id=segment, version=2)
    assert names(db, ruth) == []
    with pytest.raises(NotFoundError, match="does not exist any more"):
        donors.filtered_ids(db, ruth, filter=chosen, today=TODAY)
    sentences = select(Activity.sentence).where(Activity.entity == "segment")
    assert db.scalars(sentences.order_by(Activity.id)).all() == [
        "Saved the segment Givers.",
        "Changed the segment Rich.",
        "Deleted the segment Rich.",
    ]


def test_who_may_use_a_segment(db: Session, ruth: Actor) -> None:
    sam, mei = make.person(db, "supervisor", name="Sam"), make.person(db, name="Mei")
    other, ada = make.person(db, name="Otto"), make.person(db, "admin", name="Ada")
    for member in (ruth, mei):
        make.looks_after(db, sam, member)
    save(db, ruth, "Mine")
    save(db, ruth, "Team", shared_with="team")
    everybody = save(db, ruth, "Everybody", shared_with="organisation")
    save(db, sam, "Of Sam", shared_with="team")
    assert names(db, ruth) == ["Everybody", "Mine", "Of Sam", "Team"]
    assert names(db, mei) == ["Everybody", "Of Sam", "Team"]
    assert names(db, sam) == ["Everybody", "Of Sam", "Team"]
    assert names(db, other) == ["Everybody"]
    assert names(db, ada) == ["Everybody"]
    change = {"version": 1, "name": "New", "where": GIVERS, "shared_with": "organisation"}
    with pytest.raises(NotAllowedError, match="another user's"):
        donors.change_segment(db, other, segment_id=everybody, **change)  # type: ignore[arg-type]
    donors.change_segment(db, ada, segment_id=everybody, **change)  # type: ignore[arg-type]
    assert "New" in names(db, ruth)


def test_a_segment_selects_among_the_donors_of_whoever_uses_it(db: Session, ruth: Actor) -> None:
    other = make.person(db)
    for owner in (ruth, other):
        make.gift(db, make.donor(db, owner, f"Donor of {owner.user_id}"), "20", TODAY)
    segment = save(db, ruth, shared_with="organisation")
    chosen = donors.DonorFilter(segment_id=segment)
    page = donors.page(db, other, filter=chosen, today=TODAY)
    assert [line.name for line in page.lines] == [f"Donor of {other.user_id}"]


def test_a_coach_is_offered_no_segment_by_amounts(db: Session, ruth: Actor) -> None:
    coach = make.person(db, "coach")
    save(db, ruth, shared_with="organisation")
    rich = save(db, ruth, "Rich", where=RICH, shared_with="organisation")
    assert names(db, coach) == ["Givers"]
    chosen = donors.DonorFilter(segment_id=rich)
    with pytest.raises(InvalidError):
        donors.filtered_ids(db, coach, filter=chosen, today=TODAY)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "  "}, "give the segment a name"),
        ({"name": "GIVERS"}, "named “GIVERS” already"),
        ({"name": "New", "where": ""}, "at least one condition"),
        ({"name": "New", "where": '[[["tag","is","9"]]]'}, "Tag: a choice does not exist"),
        ({"name": "New", "shared_with": "world"}, "shared with one of"),
    ],
)
def test_a_wrong_segment_is_refused(
    db: Session, ruth: Actor, values: dict[str, str], sentence: str
) -> None:
    save(db, ruth)
    with pytest.raises(InvalidError, match=sentence):
        save(db, ruth, **values)
    assert names(db, ruth) == ["Givers"]


def test_a_segment_whose_tag_was_deleted_says_so(db: Session, ruth: Actor) -> None:
    ada = make.person(db, "admin")
    choir = donors.create_tag(db, ada, name="choir")
    save(db, ruth, "Choir", where=f'[[["tag","is","{choir}"]]]')
    donors.delete_tag(db, ada, tag_id=choir, version=1)
    (line,) = donors.segments(db, ruth, today=TODAY)
    assert line.problem == "Tag: a choice does not exist any more. Choose again."


def test_conditions_are_said_in_the_users_locale(db: Session, ruth: Actor) -> None:
    where = (
        '[[["lifetime","at least","1234.50"],["city","starts with","Bo"]],'
        '[["last gift","in the last","30"],["pledge","is","yes"]],[["last contact","never"]]]'
    )
    assert donors.where_sentence(db, ruth, where, today=TODAY) == (
        "Lifetime giving at least $1,234.50 and City starts with “Bo”, or Last gift in the last "
        "30 days and Has an active pledge is yes, or Last contact never"
    )
