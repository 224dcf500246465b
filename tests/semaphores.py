"""How many turns of a semaphore are free."""

from threading import Semaphore


def free_turns(semaphore: Semaphore) -> int:
    """Return how many turns can be taken now; each is given back."""
    turns = 0
    while semaphore.acquire(blocking=False):
        turns += 1
    for _ in range(turns):
        semaphore.release()
    return turns
