"""Optional modules: switched on and off by administrators, by name."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import accounts, organisation_settings
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from tests import factories as make


def test_a_module_is_off_until_an_administrator_switches_it_on(db: Session) -> None:
    make.organisation(db)
    ada, ruth = make.person(db, "admin"), make.person(db)
    assert accounts.organisation(db).modules == ()
    with pytest.raises(NotFoundError, match="An administrator switches it on"):
        organisation_settings.require_module(db, "requests")
    with pytest.raises(NotAllowedError):
        accounts.save_organisation(db, ruth, modules=["requests"])

    saved = accounts.save_organisation(db, ada, modules=[" Requests ", "requests"])

    assert saved.modules == ("requests",)
    organisation_settings.require_module(db, "requests")
    assert accounts.actor_by_id(db, ruth.user_id).modules == {"requests"}
    [entry] = db.execute(text("select before, after from activity")).mappings()
    assert entry == {"before": {"modules": []}, "after": {"modules": ["requests"]}}
    # other settings leave it as it is
    assert accounts.save_organisation(db, ada, name="Harbour").modules == ("requests",)
    assert accounts.save_organisation(db, ada, modules=[]).modules == ()


def test_an_unknown_module_is_refused_by_name(db: Session) -> None:
    make.organisation(db)
    with pytest.raises(InvalidError, match="no module called choir"):
        accounts.save_organisation(db, make.person(db, "admin"), modules=["choir"])
    with pytest.raises(IntegrityError):
        make.organisation(db, id=1, modules=["choir"])
