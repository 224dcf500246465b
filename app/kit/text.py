"""Validation of text from users and API clients: forbidden characters and length."""

import re

from app.kit.errors import InvalidError
from app.kit.names import fold

LONGEST_NAME = 120
LONGEST_LINE = 300
LONGEST_NOTE = 4_000
# NUL and lone surrogates: PostgreSQL and UTF-8 cannot represent them
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Control characters except those that separate lines and columns; and the embeddings, overrides
# and isolates that change the order in which the text around them is displayed (UAX 9); deprecated
# format characters, annotation characters and noncharacters.
REFUSED = (
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff]"
)
# white space and everything else that shows nothing by itself
INVISIBLE = (
    "[\\s\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_NOTHING_VISIBLE = re.compile(f"{INVISIBLE}+")
_REFUSED = re.compile(REFUSED)
# other line separators: vertical tab, form feed, next line, line and paragraph separator
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Removed from a line: direction marks, which do not reorder the text around them (notes in Arabic
# and Hebrew need them); soft hyphens, zero-width spaces and other fillers, with which two names
# look alike; tags, which hide a text, but not those of a flag (England's and others).
_MARKS = re.compile(
    "[\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u3164\ufeff\uffa0]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]+"
)
# address books wrap the numbers they copy in these characters
AROUND_NUMBERS = "[\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069]"
_AROUND_NUMBERS = re.compile(AROUND_NUMBERS)


# embeddings, overrides and isolates, which REFUSED holds beside the control characters
DIRECTIONS = "[\u202a-\u202e\u2066-\u2069]"
# every cell that may hold one of `_MARKS`, as an expression that pyarrow understands as well
SUSPECT = (
    "[\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
_DIRECTIONS = re.compile(DIRECTIONS)


def visible(text: str) -> str:
    """Return the text without its ends' white space and the marks that show nothing."""
    return _MARKS.sub("", _AROUND_NUMBERS.sub("", text)).strip()


def is_storable(text: str) -> bool:
    """Return whether the database can store the text: no NUL, no lone surrogate."""
    return not _UNSTORABLE.search(text)


def storable(text: str, label: str = "This text") -> str:
    """Return the text unchanged.

    Raises:
        InvalidError: the database cannot store the text.
    """
    if not is_storable(text):
        msg = f"{label} contains a character that cannot be saved. Type it again, without pasting."
        raise InvalidError(msg)
    return text


def name(text: str, label: str = "The name") -> str:
    """Return a name of at most 120 characters with white space collapsed; "" stays "".

    Raises:
        InvalidError: it is too long, or holds control or bidirectional control characters.
    """
    return line(text, label, longest=LONGEST_NAME)


def line(text: str, label: str = "This text", *, longest: int = LONGEST_LINE) -> str:
    """Return one line of text, white space collapsed, without marks that show nothing.

    "" stays "", and so becomes a text in which nothing is visible.

    Raises:
        InvalidError: it is too long, or holds control or bidirectional control characters.
    """
    storable(text, label)
    folded = fold(_MARKS.sub("", text))
    if _REFUSED.search(folded):
        raise InvalidError(_invisible_characters(label))
    return "" if _NOTHING_VISIBLE.fullmatch(folded) else _check_length(folded, label, longest)


def note(text: str | None, label: str = "The note", *, longest: int = LONGEST_NOTE) -> str | None:
    """Return text of several lines, stripped at both ends; None when nothing is left.

    Tabs stay as they are; every kind of line break becomes a line feed.

    Raises:
        InvalidError: it is too long, or holds control or bidirectional control characters.
    """
    stripped = _BREAKS.sub("\n", storable(text or "", label)).strip()
    if _REFUSED.search(stripped):
        raise InvalidError(_invisible_characters(label))
    return _check_length(stripped, label, longest) or None


def without_marks(text: str) -> str:
    """Return a text without direction marks, zero-width characters and other fillers."""
    return _MARKS.sub("", _DIRECTIONS.sub("", text))


def phone(text: str) -> str:
    """Return a phone number without the direction marks that address books copy with it."""
    return _AROUND_NUMBERS.sub("", text)


def search(text: str) -> str:
    """Return the text of a search unchanged.

    Raises:
        InvalidError: it is too long, or the database cannot compare it.
    """
    return _check_length(storable(text, "The search"), "The search", LONGEST_LINE)


def _check_length(text: str, label: str, longest: int) -> str:
    if len(text) > longest:
        msg = f"{label} may have {longest:,} characters at most. Please shorten it."
        raise InvalidError(msg)
    return text


def _invisible_characters(label: str) -> str:
    return f"{label} contains invisible control characters. Type it again, without pasting."
