"""Moving from the private server to a PostgreSQL server of another version, compared completely.

The private server is filled, and moved in one command (`python -m app db move --to`) to the
PostgreSQL of this machine (15 on Debian 12), which `deploy.shape` starts. Every table is compared
by its hash, then users' dashboards are compared on both sides. `python -m benchmarks.move
[--gifts N]`.
"""

import argparse
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.support.private_server import private_server
from deploy import shape as shapes

TODAY = date(2026, 11, 23)


def main() -> None:
    """Move, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gifts", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with (
        private_server() as folder,
        shapes.up(replicas=1, schedulers=0, workers=0, demo=False) as shape,
    ):
        sys.exit(_moved(chosen.gifts, shape.database_url, folder))


def _moved(gifts: int, address: str, folder: Path) -> int:
    from app import backups, demo  # noqa: PLC0415
    from app.db import elsewhere, transaction_for_system  # noqa: PLC0415
    from app.db.monitoring.vitals import machine  # noqa: PLC0415

    now = datetime.now(UTC)
    with transaction_for_system() as db:
        demo.generate(db, donors=max(1, gifts // 20), gifts=gifts, seed=1, today=TODAY)
        before = machine(db).server
    boards = _boards()
    began = time.perf_counter()
    done = backups.move(address, now=now, folder=folder)
    took = time.perf_counter() - began
    with elsewhere(address):
        with transaction_for_system() as db:
            after = machine(db).server
        same = _boards() == boards
    print(f"PostgreSQL {before} to {after}: {done.rows:,} rows of {done.tables} tables, each")
    print(
        f"compared, and {done.sums} sums, in {took:.1f} s; {done.rows / took:,.0f} rows a second"
    )
    print(f"the dashboards of {len(boards)} people are {'the same' if same else 'NOT the same'}")
    return int(not same)


def _boards() -> list[object]:
    from app import accounts, demo, insights  # noqa: PLC0415
    from app.db import transaction, transaction_for_system  # noqa: PLC0415

    boards: list[object] = []
    for person in demo.SIGN_INS:
        with transaction_for_system() as db:
            actor = accounts.actor_by_email(db, person.email)
        with transaction(actor) as db:
            chosen = insights.DashboardFilter()
            boards.append(insights.dashboard(db, actor, filter=chosen, today=TODAY))
    return boards


if __name__ == "__main__":
    main()
