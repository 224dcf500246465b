"""Records that many tests begin with; a test file that needs others defines its own."""

import pytest
from sqlalchemy.orm import Session

from app.accounts import Actor
from tests import factories as make


@pytest.fixture
def ruth(db: Session) -> Actor:
    """A fundraiser of the organisation."""
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def donor(db: Session, ruth: Actor) -> int:
    """A donor of Ruth."""
    return make.donor(db, ruth, "Tom Reed")
