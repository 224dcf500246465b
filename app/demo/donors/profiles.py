"""Giving profiles of the demo donors: rhythm, pledge and current state."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """A giving profile, and how many of the demo donors have it.

    `size` scales the amounts: a church's monthly gift is several times a person's.
    """

    rhythm: str
    standing: str
    count: int
    promised: bool = True
    kind: str = ""
    size: int = 1


PROFILES = (
    Profile("monthly", "kept", 56),
    Profile("monthly", "kept", 9, kind="church", size=4),
    Profile("monthly", "raised", 16),
    Profile("monthly", "lowered", 4),
    Profile("monthly", "in grace", 6),
    Profile("monthly", "late", 9),
    Profile("monthly", "late", 1, kind="church", size=4),
    Profile("monthly", "part-paid", 2),
    Profile("monthly", "paused", 4),
    Profile("monthly", "ahead", 3),
    Profile("monthly", "hole", 3),
    Profile("monthly", "skipped", 2),
    Profile("monthly", "ended", 9),
    Profile("weekly", "kept", 2),
    Profile("biweekly", "kept", 2),
    Profile("semimonthly", "kept", 3),
    Profile("bimonthly", "kept", 2),
    Profile("quarterly", "kept", 22),
    Profile("quarterly", "kept", 2, kind="church", size=4),
    Profile("quarterly", "in grace", 2),
    Profile("quarterly", "late", 3),
    Profile("semiannual", "kept", 4),
    Profile("annual", "kept", 12),
    Profile("annual", "kept", 3, kind="foundation", size=8),
    Profile("annual", "late", 2),
    Profile("monthly", "fixed", 7),
    Profile("monthly", "fulfilled", 5),
    Profile("monthly", "kept", 8, promised=False),
    Profile("monthly", "stopped", 10, promised=False),
    Profile("quarterly", "kept", 7, promised=False),
    Profile("quarterly", "stopped", 8, promised=False),
    Profile("annual", "kept", 29, promised=False),
    Profile("annual", "kept", 4, promised=False, kind="company", size=3),
    Profile("annual", "stopped", 15, promised=False),
    Profile("year-end", "kept", 42, promised=False),
    Profile("year-end", "kept", 2, promised=False, kind="foundation", size=6),
    Profile("year-end", "stopped", 8, promised=False),
    Profile("irregular", "kept", 29, promised=False),
    Profile("irregular", "kept", 3, promised=False, kind="company", size=3),
    Profile("once", "kept", 20, promised=False),
    Profile("never", "prospect", 12, promised=False),
    Profile("never", "asked", 6, promised=False),
    Profile("never", "declined", 2, promised=False),
)
