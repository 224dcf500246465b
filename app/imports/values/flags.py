"""Read a cell of a yes-or-no column; a date in one means yes."""

from app.imports.values import choices, dates

_FLAGS = {"yes": True, "no": False}
_DEAD = frozenset(
    """
    deceased dead died late verstorben décédé décédée fallecido fallecida overleden elhunyt
    falecido falecida
    """.split()  # noqa: SIM905
)


def read_flag(word: str, name: str) -> bool | None:
    """Return what a cell of the field means; None when it cannot be read."""
    if name == "deceased" and word.strip(" .").lower() in _DEAD:
        return True
    meaning = choices.choose("flag", word)
    return True if meaning is None and is_day(word) else _FLAGS.get(meaning or "")


def is_day(word: str) -> bool:
    """Return whether a cell is a date, in whatever order."""
    if word.isdecimal() and len(word) < 8:  # noqa: PLR2004
        return False
    reads = (dates.read_day(word, order, this_year=2000) for order in dates.ORDERS)
    return any(read.day is not None for read in reads)
