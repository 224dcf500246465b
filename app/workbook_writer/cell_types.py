"""Types of cells of an export file."""

from enum import StrEnum


class Holds(StrEnum):
    """The type of the cells of a column."""

    # a value of the application: an id, a currency, a state
    WORD = "word"
    # text that a user has typed
    TEXT = "text"
    MONEY = "money"
    DAY = "day"
    NUMBER = "number"
    # a number or a word, row by row
    EITHER = "either"
