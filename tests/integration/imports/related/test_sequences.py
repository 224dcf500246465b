"""Generated files: the commit does what the preview says, and undos in reverse restore all."""

import csv
import io
from collections import Counter
from datetime import date, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from tests import factories as make
from tests.integration.imports.related.organisation import bring, build, counts, dump

EXAMPLES = 25
DONOR = st.sampled_from(
    [
        "mara@vogel.example",
        "tom@vogel.example",
        "office@works.example",
        "ann@x.example",
        "bo@x.example",
        "nobody@x.example",
        "",
    ]
)
FLAG = st.sampled_from(["yes", "no", "", "maybe"])
DAY = st.sampled_from(["2026-01-05", "2026-03-31", "2026-05-01", "2026-12-31", "", "soon"])
TYPE = st.sampled_from(["home", "work", "mobile", "seasonal", "castle", ""])
COLUMNS = {
    "campaigns": {
        "name": st.sampled_from(["Easter", "easter", "Autumn", ""]),
        "starts_on": DAY,
        "ends_on": DAY,
        "goal": st.sampled_from(["500", "0", "-5", ""]),
    },
    "tags": {"email": DONOR, "tag": st.sampled_from(["Choir", "choir", "New", "Newer", ""])},
    "emails": {
        "donor_email": DONOR,
        "email": st.sampled_from(["new@x.example", "NEW@x.example", "mara@vogel.example", "x"]),
        "type": TYPE,
        "primary": FLAG,
        "do_not_use": FLAG,
    },
    "addresses": {
        "email": DONOR,
        "street": st.sampled_from(["1 Elm St", "2 Oak St", ""]),
        "type": TYPE,
        "primary": FLAG,
        "season_from": st.sampled_from(["11-01", "13-01", ""]),
        "season_to": st.sampled_from(["03-31", ""]),
        "valid_from": DAY,
        "valid_to": DAY,
    },
    "households": {
        "household_name": st.sampled_from(["The Firs", "The Oaks", "Tom Vogel and Mara Vogel"]),
        "email": DONOR,
        "head": FLAG,
        "household_salutation": st.sampled_from(["Hello", ""]),
    },
    "relations": {
        "email": DONOR,
        "relation": st.sampled_from(["spouse", "employer", "parent", "referrer", "friend"]),
        "other_email": DONOR,
    },
    "soft-credits": {
        "gift_id": st.sampled_from(["G1", "G2", "G9", ""]),
        "email": DONOR,
        "credit_type": st.sampled_from(["spouse", "tribute", "x"]),
        "amount": st.sampled_from(["5", "50", "50.01", "0", ""]),
    },
    "pledge-versions": {
        "pledge_id": st.sampled_from(["P1", "P9"]),
        "since": st.sampled_from(["2026-01-01", "2026-04-01", "2026-06-01", "2025-12-31"]),
        "amount": st.sampled_from(["50", "60", "x"]),
        "frequency": st.sampled_from(["monthly", "quarterly"]),
    },
    "pledge-pauses": {
        "pledge_id": st.sampled_from(["P1", "P9"]),
        "pause_starts": DAY,
        "pause_ends": DAY,
    },
}


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, str]:
    """Return (kind, policy, file)."""
    kind = draw(st.sampled_from(sorted(COLUMNS)))
    rows = draw(st.lists(st.fixed_dictionaries(COLUMNS[kind]), min_size=1, max_size=6))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS[kind]))
    writer.writeheader()
    writer.writerows(rows)
    return kind, draw(st.sampled_from(imports.POLICIES)), out.getvalue()


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    ada = make.person(db, name="Ada", role=Role.ADMIN)
    build(db, ada)
    ruth = make.person(db, name="Rita")
    ann, _ = (make.donor(db, ruth, name, email=f"{name}@x.example") for name in ("ann", "bo"))
    for name in ("G1", "G2"):
        make.gift(db, ann, source="file", external_id=name)
    make.pledge(db, ann, source="file", external_id="P1")
    return ada


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(files(), min_size=1, max_size=4))
def test_a_commit_is_its_preview_and_undos_restore_everything(
    db: Session, ada: Actor, today: date, now: datetime, sequence: list[tuple[str, str, str]]
) -> None:
    with db.begin_nested() as savepoint:
        states, runs = [], []
        for kind, policy, data in sequence:
            before = dump(db)
            request = imports.ImportRequest(
                "x.csv", data.encode(), kind=kind, policies={"records": policy}
            )
            preview = imports.preview(db, ada, request, today=today)
            assert dump(db) == before, "a preview changes nothing"
            part = preview.plan.main
            assert sum(counts(preview)) == part.rows, "every row is accounted for"
            actions = Counter(row.action for row in preview.rows)
            assert actions["create"] == part.create
            imports.commit(
                db,
                ada,
                run_id=preview.run_id,
                plan_hash=preview.plan_hash,
                today=today,
                now=now,
            )
            again = bring(db, ada, data, today, now, kind=kind, policies={"records": policy})
            assert counts(again)[:2] == (0, 0), "a second import adds and changes nothing"
            states.append(before)
            runs.append(preview.run_id)
        for run_id, before in zip(reversed(runs), reversed(states), strict=True):
            assert imports.undo(db, ada, run_id=run_id, now=now).kept == ()
            assert dump(db) == before
        savepoint.rollback()
