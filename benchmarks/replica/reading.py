"""What a reading costs with and without a read replica, and how long it waits for a dead one.

Two servers on this machine, 300 readings of one row each way in turn, so that the milliseconds
are those of the questions around a reading. Then the replica is refused, stopped and silent.
"""

import os
import statistics
import time
from collections.abc import Callable

import psutil
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts import Actor
from app.db import migrate, replica, session, transaction, transaction_for_system
from app.db.replica.circuit import circuit
from app.settings import settings
from deploy import replication
from deploy.replication import Pair
from tests import factories as make

TIMES, ROUNDS = 100, 3
Reading = Callable[[], object]


def use(pair: Pair, read_url: str) -> None:
    """Set both addresses."""
    session.dispose()
    os.environ |= {  # noqa: TID251 - as at a start
        "DATABASE_URL": pair.url("primary"),
        "DATABASE_READ_URL": read_url,
    }
    settings.cache_clear()
    circuit.forget()


def milliseconds(reading: Reading) -> float:
    reading()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        reading()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def question(db: Session) -> object:
    return db.scalar(text("select count(*) from donor"))


def compare(pair: Pair, actor: Actor) -> None:
    def on_primary() -> object:
        with transaction(actor) as db:
            return question(db)

    def reading() -> object:
        return replica.read(actor, question)

    ways: dict[str, list[float]] = {"transaction()": [], "no replica": [], "replica": []}
    for _ in range(ROUNDS):
        use(pair, "")
        ways["transaction()"].append(milliseconds(on_primary))
        ways["no replica"].append(milliseconds(reading))
        use(pair, pair.url("replica"))
        ways["replica"].append(milliseconds(reading))
    base = min(ways["transaction()"])
    for name, taken in ways.items():
        print(f"{name:14} {min(taken):6.2f} ms  {min(taken) / base:5.2f} x transaction()")


def waits(pair: Pair, actor: Actor) -> None:
    use(pair, pair.url("replica"))
    replica.read(actor, question)
    master = psutil.Process(pair.parts["replica"].process.pid)  # type: ignore[union-attr]
    family = [master, *master.children(recursive=True)]
    for process in family:
        process.suspend()
    report("stopped, open connections", actor)
    session.dispose()
    circuit.forget()
    report("stopped, new connection", actor)
    for process in family:
        process.resume()
    pair.parts["replica"].kill()
    circuit.forget()
    report("refuses connections", actor)
    # an address that no network answers
    use(pair, "postgresql://nobody@192.0.2.1/postgres")
    report("no answer at all", actor)


def report(name: str, actor: Actor) -> None:
    taken = []
    for _ in range(20):
        began = time.perf_counter()
        replica.read(actor, question)
        taken.append((time.perf_counter() - began) * 1000)
    print(f"{name:26} first {taken[0]:6.0f} ms, then {statistics.median(taken[1:]):5.1f} ms")


def main() -> None:
    with replication.up() as pair:
        os.environ["SECRET_KEY"] = "benchmarks only, long enough to be a key 0123"  # noqa: TID251, S105
        use(pair, "")
        migrate.upgrade()
        with transaction_for_system() as db:
            make.organisation(db)
            actor = make.person(db)
        compare(pair, actor)
        waits(pair, actor)
        session.dispose()


if __name__ == "__main__":
    main()
