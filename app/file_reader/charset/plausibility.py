"""Log-probability of a word in a language: letters, case, script, punctuation."""

import re
import unicodedata
from functools import lru_cache

from app.file_reader.charset import ideographs
from app.file_reader.charset.languages import LANGUAGES, Language

# log-probabilities of single events
IMPOSSIBLE = -25.0
_ASCII = -3.0
_OTHER_SYMBOL = -13.0
_OTHER_SCRIPT = -11.0
_MIXED = -9.0
_CASE = -8.0
_FOREIGN = -8.0
_UNKNOWN_LETTER = -13.0
_SPELLING = -5.0
_FIRST_HALF_WIDTH, _HALF_WIDTH = -8.0, -4.0
_PUNCTUATION, _QUOTATION_MARK, _LONE_DASH = -7.0, -4.5, -3.0
_FREQUENT_WORD = -6.0
_INITIAL_ACCENT, _FIRST_ACCENT, _NEXT_ACCENT = -2.8, -2.1, -4.5
_LONE_LETTER, _LETTER_BESIDE_DIGIT = -6.0, -4.0
_APOSTROPHE, _CURRENCY, _ORDINAL = -3.0, -3.5, -3.5
# "O’Hara", "l’eau", "Ben’s"; the catalan "col·lecció"
_APOSTROPHES = re.compile(r"(?i)^([dlmnost]|mc|qu)[’ʼ]\w|\w[’ʼ]s$|l·l")
_LONE_LETTERS = "àéèóòåöíáìùýæøıаиоуяксві"
_BESIDE_WORDS = "’‘“”„‚«»–—…\xa0°ªº´¿¡№·§©®™•¹²³½¼\u200e\u200f،؟"
_OPENING, _CLOSING, _DASHES = "“„«‘¿¡", "”»…", "–—•…"
# not at the beginning of a word
_AFTER_WORDS = "©®™•°…²³½¼´”»№§"
_SCRIPTS = (
    "LATIN",
    "CYRILLIC",
    "GREEK",
    "HEBREW",
    "ARABIC",
    "HANGUL",
    "HIRAGANA",
    "KATAKANA",
    "THAI",
)
_ALL_LETTERS = frozenset(
    letter
    for language in LANGUAGES.values()
    if language.script == "latin"
    for letter in language.letters
)


@lru_cache(maxsize=50_000)
def log_probability(word: str, language: str) -> float:
    """Return how probable a word with letters outside ASCII is in a language."""
    if language in ideographs.SCRIPTS:
        return _of_ideographs(word, language)
    spoken = LANGUAGES[language]
    lower = _lower(word)
    if lower in spoken.words:
        return _FREQUENT_WORD
    total = _LONE_LETTER if len(word) == 1 and _is_odd_alone(lower) else 0.0
    for index, character in enumerate(word):
        before, after = word[max(0, index - 1) : index], word[index + 1 : index + 2]
        if character.isascii():
            total += _ASCII
        elif _is_letter(character):
            total += _of_letter(character, before, spoken)
        else:
            total += _of_symbol(character, before, after, word)
        total += _of_pair(before, character)
        if _is_small_after_capitals(word[max(0, index - 2) : index + 1]):
            total += _SPELLING
    if spoken.impossible is not None and len(word) > 1:
        total += _SPELLING * len(spoken.impossible.findall(lower))
    return total


def _of_ideographs(word: str, language: str) -> float:
    total = 0.0
    before = ""
    for character in word:
        if character.isascii():
            total += _ASCII
        elif _is_half_width(character):
            total += _HALF_WIDTH if _is_half_width(before) else _FIRST_HALF_WIDTH
        else:
            total += max(IMPOSSIBLE, ideographs.log_probability(character, language))
        if before.isalpha() and character.isalpha() and before.isascii() != character.isascii():
            total += _MIXED
        before = character
    return total


def _is_half_width(character: str) -> bool:
    return "｡" <= character <= "ﾟ"


def _of_letter(character: str, before: str, spoken: Language) -> float:
    lower = character if character == "İ" else _lower(character)
    if spoken.script != "latin":
        known = spoken.letters.get(lower)
        if known is not None:
            return known
        return _FOREIGN if _script(character) == spoken.script else _OTHER_SCRIPT
    if _script(character) != "latin":
        return _OTHER_SCRIPT
    after_accent = _is_letter(before) and not before.isascii()
    accent = _NEXT_ACCENT if after_accent else _FIRST_ACCENT if before else _INITIAL_ACCENT
    foreign = _FOREIGN if lower in _ALL_LETTERS else _UNKNOWN_LETTER
    return accent + spoken.letters.get(lower, foreign)


def _of_symbol(character: str, before: str, after: str, word: str) -> float:
    category = unicodedata.category(character)
    if category in {"Cc", "Co", "Cn"} or character == "\ufffd":
        return IMPOSSIBLE
    if _is_letter(before) and _is_letter(after):
        return _APOSTROPHE if _APOSTROPHES.search(word) else _OTHER_SYMBOL
    return _of_punctuation(character, before, after)


def _of_punctuation(character: str, before: str, after: str) -> float:
    if character in "€£" and not (_is_letter(before) or _is_letter(after)):
        return _CURRENCY
    if character in "ªº" and before.isalpha() and before.isascii() and not after:
        return _ORDINAL
    if character in _DASHES and not before and not after:
        return _LONE_DASH
    if character in (_CLOSING if before else _OPENING) and not (before and _is_letter(after)):
        return _QUOTATION_MARK
    begins_word = _is_letter(after) and character in _AFTER_WORDS
    return _PUNCTUATION if character in _BESIDE_WORDS and not begins_word else _OTHER_SYMBOL


def _of_pair(before: str, character: str) -> float:
    """Return the cost of two letters of different scripts, or of a capital after a small one."""
    if before.isdigit() != character.isdigit() and _is_letter(before) != _is_letter(character):
        return 0.0 if (before + character).isascii() else _beside_digit(before, character)
    if not (_is_letter(before) and _is_letter(character)):
        return 0.0
    if before.isascii() and character.isascii():
        return 0.0
    if _script(before) != _script(character):
        return _MIXED
    small_first = before.islower() and before != "ß"
    return _CASE if small_first and character.isupper() else 0.0


def _is_small_after_capitals(three: str) -> bool:
    capitals = len(three) == 3 and three[:2].isupper() and three[:2].isalpha()  # noqa: PLR2004
    return capitals and three[2].islower() and not three.isascii()


def _beside_digit(before: str, character: str) -> float:
    special = character if before.isdigit() else before
    return _LETTER_BESIDE_DIGIT if _is_letter(special) else 0.0


def _is_odd_alone(lower: str) -> bool:
    return (
        _script(lower) in {"latin", "cyrillic"} and lower.isalpha() and lower not in _LONE_LETTERS
    )


def _is_letter(character: str) -> bool:
    return (character.isalpha() and character not in "ªº") or "ั" <= character <= "์"


@lru_cache(maxsize=5_000)
def _script(character: str) -> str:
    if character.isascii():
        return "latin"
    name = unicodedata.name(character, "")
    return next((script.lower() for script in _SCRIPTS if name.startswith(script)), "other")


def _lower(text: str) -> str:
    dotless = text.replace("I", "ı") if "ı" in text or "İ" in text else text
    return dotless.replace("İ", "i").lower()
