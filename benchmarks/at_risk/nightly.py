"""Claim: a night's scoring reads the gifts of the donors who changed, and takes at most a second.

Each night 1 % of the donors give once more, by one statement; then the job scores. The same day
is scored in full before each, and rolled back. One private server, one run. Seconds are those that
the processor worked for this process and its PostgreSQL, which other work on the machine does not
lengthen.
`python -m benchmarks.at_risk.nightly [--donors N] [--gifts N] [--nights N] [--json]`
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

import psutil

from benchmarks import dashboard
from benchmarks.support.private_server import private_server

if TYPE_CHECKING:
    from app.db import Session

NIGHTS, SHARE = 4, 100
LIMIT_S = 1.0
CHANGED = """
insert into gift (donor_id, amount_minor, base_minor, currency, gift_date)
select id, 5000, 5000, 'USD', :day from donor where id % :share = :night and kind <> 'household'
"""
READ = """
select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_xact_user_tables
where relname = 'gift'
"""


class Night(TypedDict):
    """One night: seconds of the scoring and of the whole job, and what was read and scored.

    `gifts` were read for the scores; `job_rows` are all reads of a gift by the whole job, among
    them those of the pledges that are compared with their gifts, and `full_rows` those of a job
    that scores everybody.
    """

    changed: int
    donors: int
    gifts: int
    score_s: float
    full_s: float
    ratio: float
    job_s: float
    full_job_s: float
    job_rows: int
    full_rows: int


class Figures(TypedDict):
    """What was measured."""

    donors: int
    gifts: int
    nights: list[Night]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--donors", type=int, default=50_000)
    parser.add_argument("--gifts", type=int, default=1_000_000)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with private_server():
        dashboard.fill(chosen.donors, chosen.gifts)
        prepare()
        nights = [one_night(number) for number in range(1, chosen.nights + 1)]
    figures: Figures = {"donors": chosen.donors, "gifts": chosen.gifts, "nights": nights}
    print(json.dumps(figures) if chosen.json else format_report(figures))


def prepare() -> None:
    """Score everybody and raise the alerts that have gathered, as the jobs of a first day."""
    from app import alerts, donors, pledges  # noqa: PLC0415
    from app.db import transaction_for_system  # noqa: PLC0415

    day, now = dashboard.TODAY, datetime.combine(dashboard.TODAY, datetime.min.time(), UTC)
    with transaction_for_system() as db:
        alerts.raise_late_pledges(db, today=day, now=now)
        donors.score(db, today=day, paid_up=pledges.paid_up(db, today=day))
        alerts.raise_at_risk(db, today=day, now=now)


def one_night(number: int) -> Night:
    """Let donors give, then score the day in full, roll back, and score what changed."""
    from sqlalchemy import text  # noqa: PLC0415

    from app.db import transaction_for_system  # noqa: PLC0415

    day = dashboard.TODAY + timedelta(days=number)
    values = {"day": day, "share": SHARE, "night": number}
    with transaction_for_system() as db:
        changed = db.execute(text(CHANGED), values).rowcount  # type: ignore[attr-defined]
    with rolled_back() as db:
        full_s, full_job_s, _, _, full_rows = job(db, day, everybody=True)
    with transaction_for_system() as db:
        score_s, job_s, donors, gifts, rows = job(db, day, everybody=False)
    return {
        "changed": changed,
        "donors": donors,
        "gifts": gifts,
        "score_s": score_s,
        "full_s": full_s,
        "ratio": full_s / score_s,
        "job_s": job_s,
        "full_job_s": full_job_s,
        "job_rows": rows,
        "full_rows": full_rows,
    }


def job(db: "Session", day: date, *, everybody: bool) -> tuple[float, float, int, int, int]:
    """Do the work of the job; return seconds of the scoring and in total, and what was read."""
    from sqlalchemy import text  # noqa: PLC0415

    from app import alerts, donors, pledges  # noqa: PLC0415

    rows_before = int(db.scalar(text(READ)) or 0)
    begun = processor_seconds(db)
    scored, gifts = 0, 0
    if everybody:
        donors.score(db, today=day, paid_up=pledges.paid_up(db, today=day))
    else:
        done = donors.score_due(
            db, today=day, paid_up=lambda ids: pledges.paid_up(db, today=day, donor_ids=ids)
        )
        scored, gifts = done.donors, done.gifts
    score_s = processor_seconds(db) - begun
    alerts.raise_at_risk(db, today=day, now=datetime.combine(day, datetime.min.time(), UTC))
    job_s = processor_seconds(db) - begun
    return score_s, job_s, scored, gifts, int(db.scalar(text(READ)) or 0) - rows_before


def processor_seconds(db: "Session") -> float:
    """Return the seconds that the processor worked for this process and its PostgreSQL."""
    from sqlalchemy import text  # noqa: PLC0415

    server = psutil.Process(db.scalar(text("select pg_backend_pid()"))).cpu_times()
    return time.process_time() + server.user + server.system


@contextmanager
def rolled_back() -> Iterator["Session"]:
    """Yield a session whose changes are not stored."""
    from app.db import transaction_for_system  # noqa: PLC0415

    with transaction_for_system() as db, db.begin_nested() as before:
        yield db
        before.rollback()


def format_report(figures: Figures) -> str:
    lines = [f"{figures['gifts']:,} gifts, {figures['donors']:,} donors"]
    for number, night in enumerate(figures["nights"], start=1):
        lines.append(
            f"  night {number}: {night['changed']:,} donors gave; {night['donors']:,} scored from"
            f" {night['gifts']:,} gifts in {night['score_s']:.2f} s (to reach: {LIMIT_S}),"
            f" everybody in {night['full_s']:.2f} s, {night['ratio']:.1f} × as long; the whole job"
            f" {night['job_s']:.2f} s and {night['full_job_s']:.2f} s, which read a gift"
            f" {night['job_rows']:,} and {night['full_rows']:,} times"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
