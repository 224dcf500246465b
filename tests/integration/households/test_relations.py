"""Relations between donors, as read from either side."""

import pytest
from sqlalchemy.orm import Session

from app import households
from app.accounts import Actor
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from tests import factories as make


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db)


def read(db: Session, actor: Actor, donor_id: int) -> list[tuple[str, str]]:
    return [(line.label, line.name) for line in households.relations(db, actor, donor_id)]


def test_a_relation_is_read_from_both_sides(db: Session, ruth: Actor) -> None:
    tom, bakery = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Bakery", kind="organisation")
    ana, kim = make.donor(db, ruth, "Ana"), make.donor(db, ruth, "Kim")
    households.add_relation(db, ruth, donor_id=tom, other_id=bakery, type="employer")
    spouse = households.add_relation(db, ruth, donor_id=tom, other_id=ana, type="spouse")
    households.add_relation(db, ruth, donor_id=tom, other_id=kim, type="parent")
    households.add_relation(db, ruth, donor_id=ana, other_id=tom, type="referrer")
    assert read(db, ruth, tom) == [
        ("employer", "Bakery"),
        ("parent", "Kim"),
        ("referred by this donor", "Ana"),
        ("spouse", "Ana"),
    ]
    assert read(db, ruth, bakery) == [("employee", "Tom")]
    assert read(db, ruth, kim) == [("child", "Tom")]
    households.remove_relation(db, ruth, relation_id=spouse)
    assert read(db, ruth, ana) == [("referrer", "Tom")]
    with pytest.raises(NotFoundError, match="does not exist any more"):
        households.remove_relation(db, ruth, relation_id=spouse)


def test_what_is_refused(db: Session, ruth: Actor) -> None:
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    max_ = make.donor(db, make.person(db), "Max")
    stated = households.add_relation(db, ruth, donor_id=tom, other_id=ana, type="spouse")
    for donor_id, other_id, type_, sentence in (
        (tom, tom, "spouse", "related to itself"),
        (tom, ana, "friend", "not a relation"),
        (tom, ana, "spouse", "stated already"),
        (ana, tom, "spouse", "stated already"),
    ):
        with pytest.raises(InvalidError, match=sentence):
            households.add_relation(db, ruth, donor_id=donor_id, other_id=other_id, type=type_)
    with pytest.raises(NotFoundError):
        households.add_relation(db, ruth, donor_id=tom, other_id=max_, type="spouse")
    reader = make.person(db, "read_only")
    with pytest.raises(NotAllowedError):
        households.remove_relation(db, reader, relation_id=stated)
    with pytest.raises(NotAllowedError):
        households.add_relation(db, reader, donor_id=tom, other_id=ana, type="parent")


def test_donors_of_others_are_left_out(db: Session, ruth: Actor) -> None:
    tom, ada = make.donor(db, ruth, "Tom"), make.person(db, "admin")
    secret = make.donor(db, make.person(db), "Max")
    households.add_relation(db, ada, donor_id=tom, other_id=secret, type="parent")
    assert read(db, ruth, tom) == []
    assert read(db, ada, tom) == [("parent", "Max")]
