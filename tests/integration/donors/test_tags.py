"""Tags: create, rename, merge, delete; the tags of a donor; what a file says about merged tags."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import donors, imports
from app.accounts import Actor
from app.db.models import Activity, DonorTag, Tag
from app.donors import DonorFilter
from app.donors.queries import tags as tag_queries
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, "admin")


@pytest.fixture
def mara(db: Session, ada: Actor) -> int:
    return make.donor(db, ada, "Mara Vogel", tag="newsletter")


def counts(db: Session, actor: Actor) -> dict[str, int]:
    return {line.name: line.donors for line in donors.tag_list(db, actor)}


def tag_id(db: Session, name: str) -> int:
    return next(tag.tag_id for tag in donors.tag_names(db) if tag.name == name)


def log(db: Session) -> list[str]:
    statement = select(Activity.sentence).where(Activity.entity == "tag").order_by(Activity.id)
    return list(db.scalars(statement))


def test_a_tag_is_created_renamed_and_deleted(db: Session, ada: Actor, mara: int) -> None:
    choir = donors.create_tag(db, ada, name="  choir ")
    assert counts(db, ada) == {"choir": 0, "newsletter": 1}
    donors.rename_tag(db, ada, tag_id=choir, version=1, name="Choir")
    # the same name again changes nothing
    donors.rename_tag(db, ada, tag_id=choir, version=2, name="Choir")
    news = tag_id(db, "newsletter")
    assert donors.delete_tag(db, ada, tag_id=news, version=1) == 1
    assert donors.get(db, ada, mara, today=date(2026, 11, 23)).tags == ()
    assert counts(db, ada) == {"Choir": 0}
    assert log(db) == [
        "Created the tag choir.",
        "Renamed the tag choir to Choir.",
        "Deleted the tag newsletter: 1 donor had it.",
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "give the tag a name"),
        ("\u200b", "give the tag a name"),
        ("x" * 300, "120 characters at most"),
        ("NEWSLETTER", "There is a tag named “newsletter” already"),
    ],
)
def test_a_wrong_name_is_refused(
    db: Session, ada: Actor, mara: int, name: str, sentence: str
) -> None:
    choir = donors.create_tag(db, ada, name="choir")
    with pytest.raises(InvalidError, match=sentence):
        donors.create_tag(db, ada, name=name)
    with pytest.raises(InvalidError, match=sentence):
        donors.rename_tag(db, ada, tag_id=choir, version=1, name=name)
    assert set(counts(db, ada)) == {"choir", "newsletter"}


def test_a_name_that_is_taken_after_the_check_is_refused(
    db: Session, ada: Actor, mara: int
) -> None:
    choir = donors.create_tag(db, ada, name="choir")
    assert tag_queries.add(db, "NEWSLETTER") is None
    assert not tag_queries.rename(db, choir, "NEWSLETTER")
    assert set(counts(db, ada)) == {"choir", "newsletter"}


def test_of_two_who_edit_at_once_the_second_is_told(db: Session, ada: Actor, mara: int) -> None:
    news, choir = tag_id(db, "newsletter"), donors.create_tag(db, ada, name="choir")
    donors.rename_tag(db, ada, tag_id=news, version=1, name="news")
    for call in (
        lambda: donors.rename_tag(db, ada, tag_id=news, version=1, name="letter"),
        lambda: donors.delete_tag(db, ada, tag_id=news, version=1),
        lambda: donors.merge_tags(db, ada, tag_id=news, into_id=choir, version=1),
    ):
        with pytest.raises(ConflictError, match="Someone else changed this tag"):
            call()
    assert counts(db, ada) == {"choir": 0, "news": 1}


def test_a_merge_gives_its_donors_the_other_tag_once(db: Session, ada: Actor, mara: int) -> None:
    both = make.donor(db, ada, "Ben Quill", tag="newsletter")
    news = tag_id(db, "newsletter")
    letter = make.add_tag(db, both, "letter")
    assert donors.merge_tags(db, ada, tag_id=news, into_id=letter, version=1) == 2
    assert counts(db, ada) == {"letter": 2}
    assert db.scalar(select(func.count()).select_from(DonorTag)) == 2
    assert donors.tags(db) == ["letter"]
    # a filter saved before the merge finds the donors of the other tag
    found = donors.page(db, ada, filter=DonorFilter(tag="newsletter"), today=date(2026, 11, 23))
    assert {line.donor_id for line in found.lines} == {mara, both}
    with pytest.raises(InvalidError, match="“newsletter” was merged into “letter”"):
        donors.create_tag(db, ada, name="Newsletter")
    with pytest.raises(InvalidError, match="into itself"):
        donors.merge_tags(db, ada, tag_id=letter, into_id=letter, version=1)
    with pytest.raises(NotFoundError):
        donors.merge_tags(db, ada, tag_id=letter, into_id=news, version=1)
    # the merged name disappears with the tag that has taken it over
    donors.delete_tag(db, ada, tag_id=letter, version=1)
    assert db.scalar(select(func.count()).select_from(Tag)) == 0


def test_a_file_that_names_a_merged_tag_gives_the_other_one(
    db: Session, ada: Actor, mara: int, today: date, now: datetime
) -> None:
    choir = donors.create_tag(db, ada, name="choir")
    donors.merge_tags(db, ada, tag_id=tag_id(db, "newsletter"), into_id=choir, version=1)
    data = b"Name,E-mail,Tags\nBen Quill,ben@quill.example,Newsletter\n"
    for _ in range(2):
        request = imports.ImportRequest("file.csv", data, kind="donors")
        preview = imports.import_file(db, ada, request, today=today, now=now)
    assert counts(db, ada) == {"choir": 2}
    assert preview.plan.parts[0].skip == 1


def test_tags_of_a_donor_are_given_and_taken_away(db: Session, ada: Actor, mara: int) -> None:
    news, choir = tag_id(db, "newsletter"), donors.create_tag(db, ada, name="choir")
    for _ in range(2):
        donors.change_tags(db, ada, donor_id=mara, add=[choir], remove=[news, 10**9])
    assert donors.get(db, ada, mara, today=date(2026, 11, 23)).tags == ("choir",)
    rows = db.execute(
        select(Activity.before, Activity.after).where(Activity.action == "donor.tagged")
    ).all()
    assert [tuple(row) for row in rows] == [({"tags": "newsletter"}, {"tags": "choir"})]
    with pytest.raises(InvalidError, match="does not exist any more"):
        donors.change_tags(db, ada, donor_id=mara, add=[10**9])


@pytest.mark.parametrize("role", ["fundraiser", "supervisor", "coach", "finance", "read_only"])
def test_a_fundraiser_tags_own_donors_and_administers_no_tag(
    db: Session, ada: Actor, mara: int, role: str
) -> None:
    actor = make.person(db, role)
    own, news = make.donor(db, actor, "Own"), tag_id(db, "newsletter")
    calls: list[Callable[[], Any]] = [
        lambda: donors.create_tag(db, actor, name="choir"),
        lambda: donors.rename_tag(db, actor, tag_id=news, version=1, name="choir"),
        lambda: donors.delete_tag(db, actor, tag_id=news, version=1),
    ]
    for call in calls:
        with pytest.raises(NotAllowedError):
            call()
    with pytest.raises((NotAllowedError, NotFoundError)):
        donors.change_tags(db, actor, donor_id=mara, remove=[news])
    if role != "read_only":
        donors.change_tags(db, actor, donor_id=own, add=[news])
        assert counts(db, ada) == {"newsletter": 2}


def tagged(db: Session) -> set[int]:
    return set(db.scalars(select(DonorTag.donor_id)))


def test_many_donors_get_a_tag_and_the_undo_takes_it_from_exactly_these(
    db: Session, ada: Actor, mara: int
) -> None:
    ruth = make.person(db)
    mine = [make.donor(db, ruth) for _ in range(2)]
    news = tag_id(db, "newsletter")
    changed = donors.tag_donors(db, ruth, tag_id=news, donor_ids=[mara, *mine, 99_999])
    # a donor of somebody else is passed over
    assert set(changed) == set(mine)
    assert donors.tag_donors(db, ada, tag_id=news, donor_ids=[mara, *mine]) == ()
    assert donors.tag_donors(db, ruth, tag_id=news, donor_ids=[]) == ()
    assert tagged(db) == {mara, *mine}
    back = donors.tag_donors(db, ruth, tag_id=news, donor_ids=changed, remove=True)
    assert set(back) == set(mine)
    assert tagged(db) == {mara}
    assert log(db) == [
        "Gave the tag newsletter to 2 donors.",
        "Took the tag newsletter from 2 donors.",
    ]
    given = db.scalar(select(Activity.after).where(Activity.action == "tag.given"))
    assert given == {"donor_ids": sorted(mine)}


def test_a_tag_of_many_donors_needs_one_that_may_be_changed(
    db: Session, ada: Actor, mara: int
) -> None:
    news = tag_id(db, "newsletter")
    for role in ("fundraiser", "read_only"):
        with pytest.raises(NotAllowedError, match="none of these donors"):
            donors.tag_donors(db, make.person(db, role), tag_id=news, donor_ids=[mara])
    with pytest.raises(NotFoundError, match="does not exist any more"):
        donors.tag_donors(db, ada, tag_id=news + 1, donor_ids=[mara])
    assert log(db) == []
