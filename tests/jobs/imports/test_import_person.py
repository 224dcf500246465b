"""A waiting import acts for the person as they are when it begins, not as they were."""

import pytest
from sqlalchemy import text

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from tests.jobs.imports.test_import_mail import NOW, queued, ruth
from tests.values import present

__all__ = ["ruth"]
CHANGES = {
    "deactivated": ("update app_user set active = false", "may not sign in any more"),
    "another role": ("update app_user set role = 'coach'", "role does not allow this"),
}


def number_of_gifts() -> int:
    with transaction_for_system() as db:
        answer: int = db.execute(text("select count(*) from gift")).scalar_one()
        return answer


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_not_done_for_who_may_not_import_any_more(ruth: Actor, change: str) -> None:
    statement, why = CHANGES[change]
    run_id = queued(ruth)
    with transaction_for_system() as db:
        db.execute(text(statement))
    assert why in imports.run_queued(run_id, today=NOW.date(), now=NOW)
    with transaction_for_system() as db:
        state = db.execute(text("select state, error from import_run")).one()
    assert state.state == "failed"
    assert why in state.error
    assert number_of_gifts() == 0


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_not_undone_for_them_either(ruth: Actor, change: str) -> None:
    statement, why = CHANGES[change]
    run_id = queued(ruth)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    with transaction_for_system() as db:
        imports.queue_undo(db, ruth, run_id=run_id, now=NOW)
        db.execute(text(statement))
    assert why in present(imports.undo_queued(run_id, now=NOW))
    with transaction_for_system() as db:
        assert db.execute(text("select state from import_run")).scalar_one() == "done"
    assert number_of_gifts() == 2
