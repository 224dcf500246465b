"""Giving profiles of the demo donors: rhythm, pledge and current state."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """A giving profile, and how many of the demo donors have it.

    `size` scales the amounts: a church's monthly gift is several times a person's.
    """

    rhythm: str
    standing: str
    count: int
    promised: bool = True
    kind: str = ""
    size: int = 1


STORIES = (
    Story("monthly", "kept", 56),
    Story("monthly", "kept", 9, kind="church", size=4),
    Story("monthly", "raised", 16),
    Story("monthly", "lowered", 4),
    Story("monthly", "in grace", 6),
    Story("monthly", "late", 9),
    Story("monthly", "late", 1, kind="church", size=4),
    Story("monthly", "part-paid", 2),
    Story("monthly", "paused", 4),
    Story("monthly", "ahead", 3),
    Story("monthly", "hole", 3),
    Story("monthly", "skipped", 2),
    Story("monthly", "ended", 9),
    Story("weekly", "kept", 2),
    Story("biweekly", "kept", 2),
    Story("semimonthly", "kept", 3),
    Story("bimonthly", "kept", 2),
    Story("quarterly", "kept", 22),
    Story("quarterly", "kept", 2, kind="church", size=4),
    Story("quarterly", "in grace", 2),
    Story("quarterly", "late", 3),
    Story("semiannual", "kept", 4),
    Story("annual", "kept", 12),
    Story("annual", "kept", 3, kind="foundation", size=8),
    Story("annual", "late", 2),
    Story("monthly", "fixed", 7),
    Story("monthly", "fulfilled", 5),
    Story("monthly", "kept", 8, promised=False),
    Story("monthly", "stopped", 10, promised=False),
    Story("quarterly", "kept", 7, promised=False),
    Story("quarterly", "stopped", 8, promised=False),
    Story("annual", "kept", 29, promised=False),
    Story("annual", "kept", 4, promised=False, kind="company", size=3),
    Story("annual", "stopped", 15, promised=False),
    Story("year-end", "kept", 42, promised=False),
    Story("year-end", "kept", 2, promised=False, kind="foundation", size=6),
    Story("year-end", "stopped", 8, promised=False),
    Story("irregular", "kept", 29, promised=False),
    Story("irregular", "kept", 3, promised=False, kind="company", size=3),
    Story("once", "kept", 20, promised=False),
    Story("never", "prospect", 12, promised=False),
    Story("never", "asked", 6, promised=False),
    Story("never", "declined", 2, promised=False),
)
