"""Two sessions that edit the same donor again and again lose no edit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

from sqlalchemy import URL

from app import donors
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.donors import StaleDonorError
from tests import factories as make

TODAY = date(2026, 11, 23)
EDITS = 25


def test_no_edit_of_two_sessions_is_lost(database: URL) -> None:
    assert database
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, ada = make.person(db, name="Ruth"), make.person(db, "admin")
        donor = make.donor(db, ruth, "Mara", notes="0 0")
    together = Barrier(2)

    def count_up(actor: Actor, own: int) -> int:
        """Add one to the own number in the notes, EDITS times; return how often one was stale."""
        stale = done = 0
        while done < EDITS:
            with transaction(actor) as db:
                view = donors.get(db, actor, donor, today=TODAY)
            if not (done or stale):
                # both have read the first version
                together.wait(timeout=30)
            numbers = [int(number) for number in (view.fields.notes or "").split()]
            numbers[own] += 1
            fields = replace(view.fields, notes=" ".join(map(str, numbers)))
            try:
                with transaction(actor) as db:
                    donors.update(
                        db,
                        actor,
                        donor_id=donor,
                        version=view.version,
                        fields=fields,
                        today=TODAY,
                    )
            except StaleDonorError:
                stale += 1
            else:
                done += 1
        return stale

    with ThreadPoolExecutor(2) as pool:
        stale = sum(pool.map(count_up, (ruth, ada), (0, 1)))
    with transaction_for_system() as db:
        view = donors.get(db, ada, donor, today=TODAY)
    assert view.fields.notes == f"{EDITS} {EDITS}"
    assert view.version == 1 + 2 * EDITS
    assert stale > 0, "the sessions never met"
