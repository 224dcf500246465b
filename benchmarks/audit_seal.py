"""Cost of sealing the audit log: writing, sealing and verifying 1,000,000 lines."""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import text

from app import audit
from app.db import transaction_for_system
from benchmarks.support.private_server import private_server

LINES = 1_000_000
FILL = """
insert into activity (actor_id, action, entity, entity_id, donor_id, sentence, before, after)
select 1 + n % 20, 'gift.recorded', 'gift', n, n % 90000, 'Recorded a gift of 50.00 USD.',
       jsonb_build_object('amount', n), jsonb_build_object('amount', n + 1)
from generate_series(1, :lines) n
"""


def main() -> None:
    """Write, seal and verify; print lines per second and the microseconds per line."""
    with transaction_for_system() as db:
        db.execute(text("set local statement_timeout = 0"))
        written = timed(lambda: db.execute(text(FILL), {"lines": LINES}))
    with transaction_for_system() as db:
        sealed = timed(lambda: audit.seal(db))
    with transaction_for_system() as db:
        checked = timed(lambda: print(audit.verify(db)))
    with transaction_for_system() as db:
        nothing = timed(lambda: audit.seal(db))
    for word, took in (("written", written), ("sealed", sealed), ("checked", checked)):
        print(f"{LINES:,} lines {word} in {took:.1f} s, {took / LINES * 1e6:.1f} µs a line")
    print(f"nothing to seal: {nothing * 1000:.1f} ms")


def timed(work: Callable[[], object]) -> float:
    """Return the seconds a function took."""
    begin = perf_counter()
    work()
    return perf_counter() - begin


if __name__ == "__main__":
    with private_server():
        main()
