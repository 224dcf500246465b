"""Split the names of persons and couples: titles, particles, suffixes, degrees."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.imports.values.people.given_names import GIVEN_NAMES
from app.kit.names import fold, search_text

TITLES = frozenset(
    """
    dr prof professor mr mrs ms miss mx sir dame lord lady rev reverend revd pastor father fr
    sister deacon bishop archbishop canon rabbi imam hon judge capt captain col colonel lt maj
    major sgt gen herr frau hr fam dipl ing mag pfarrer schwester mme mlle monsieur madame abbe
    pere sr sra srta don dona dom padre senhor senhora dhr mevr mw mevrouw drs ir ds ifj id ozv
    """.split()  # noqa: SIM905
)
# titles that are given names or surnames without a point
_WITH_POINT = frozenset("fr id ir ds don dom fam sr ing gen hon mag col maj".split())  # noqa: SIM905
SUFFIXES = frozenset(
    "jr sr jnr snr junior senior ii iii iv v 2nd 3rd 4th filho neto fils hijo".split()  # noqa: SIM905
)
DEGREES = frozenset(
    """
    phd dphil edd dmin thd psyd md do dds dmd dvm rn bsn np pa jd llm llb llp esq esquire cpa
    cfa cfp cfre mba ma ba msc bsc ms bs mdiv mth thm med mfa mph msw lcsw pe pmp obe mbe cbe
    kbe frs sj ofm osb op ret
    """.split()  # noqa: SIM905
)
# degrees that nobody has as a surname, however they are written
_SURE_DEGREES = frozenset(
    "phd dphil edd dmin thd psyd dds dmd dvm esq cpa cfre mba msc bsc".split()  # noqa: SIM905
)
_PARTICLES = frozenset(
    """
    van der den de het ter ten te von zu zum zur vom della del dello dalla di da do dos das du
    des la le los las bin ibn bint ben al el abu af av op aan dal degli dei mac mc of o' d' 't 's
    st.
    """.split()  # noqa: SIM905
)
# particles that a name may also write with a capital: not "Ben", "Do" or "Ten"
_CAPITAL = frozenset(
    """
    van der den de von zu della del di da dos das du la le los bin ibn al el mac mc o' st.
    """.split()  # noqa: SIM905
)
# "María del Carmen López": the particle belongs to the given name
_DEVOTIONS = re.compile(
    r"(?i)((?:mar[ií]a|marie|juan|jos[eé]) (?:de la|de los|de las|del|de|do|da|das) (?:carmen"
    r"|pilar|mar|rosario|[aá]ngeles|dolores|dios|jes[uú]s|luz|carmo|concei[cç][aã]o|f[aá]tima"
    r"|lourdes|gra[cç]a|c[eé]u|socorro|paz|soledad|mercedes|cristo|roc[ií]o|sol|valle)) (?=\S)"
)
_AND = r" (?:&|\+|and|und|et|en|és|og|och) "
# between the two surnames of one person as well: "José Ortega y Gasset"
_AND_OR_SURNAME = r" (?:y|e|i) "
_CONJUNCTIONS = frozenset({"and", "und", "et", "y", "e", "i", "en", "es", "og", "och"})
_BETWEEN_SURNAMES = frozenset({"y", "e", "i"})
# words that need a closer look
SPECIAL = TITLES | SUFFIXES | DEGREES | _PARTICLES | _CONJUNCTIONS
_FAMILY = re.compile(
    r"(?:the )?.+ (?:family|familie|famille|household)$|.+ csalad$"
    r"|(?:familie|famille|familia|famiglia|fam\.?|eheleute) ."
)
_NICKNAME = re.compile(r"^[\"“„'‘(].*[\"”“'’)]$")


class Name(NamedTuple):
    """The parts of a name; "" where it has none. A suffix belongs to the last name."""

    name: str
    first: str = ""
    last: str = ""
    spouse_first: str = ""
    spouse_last: str = ""


def is_household(name: str) -> bool:
    """Return whether a name is that of several people: a couple or a family."""
    return bool(_FAMILY.match(search_text(name))) or _conjunction(fold(name)) is not None


def split_person(text: str) -> Name:
    """Split the name of one person; "Stone, John" is turned round, the rest stays as written."""
    segments, extras = _without_extras([fold(part) for part in text.split(",") if part.strip()])
    suffix = " ".join(extra for extra in extras if _is_suffix(extra))
    if len(segments) == 3 and all(map(_is_suffix, segments[1].split())):  # noqa: PLR2004
        # "Stone, Jr., John"
        segments = [f"{segments[0]} {segments[1]}", segments[2]]
    if len(segments) == 1:
        first, last = _split_words(segments[0].split())
        return Name(fold(text), first, fold(f"{last} {suffix}"))
    if len(segments) != 2:  # noqa: PLR2004
        return Name(fold(text), "", fold(text))
    shown = segments[1].split()
    suffixes, shown = _last_words(shown, _is_suffix_not_initial)
    particles, shown = _last_words(shown, _PARTICLES.__contains__)
    last = fold(" ".join([*particles, segments[0], *suffixes, suffix]))
    first = " ".join(_without_nickname(_without_titles(shown)))
    degrees = [extra for extra in extras if not _is_suffix(extra)]
    return Name(", ".join([fold(" ".join([*shown, last])), *degrees]), first, last)


def split_couple(text: str) -> Name:
    """Split the name of a couple where its parts are clear; else only the whole name is kept."""
    whole = name = fold(text)
    surname, comma, rest = (fold(part) for part in name.partition(","))
    if comma:
        name = f"{rest} {surname}"
    where = _conjunction(name)
    if where is None or (comma and ("," in rest or _conjunction(surname))):
        return Name(whole)
    before, after = name[: where.start()].split(), name[where.end() :].split()
    if re.search(f"{_AND}|{_AND_OR_SURNAME}", name[where.end() - 1 :]):
        return Name(whole)
    if not before or not after:
        return Name(whole)
    people = [before[0], *rest.split()[len(before) + 1 :]]
    if comma and not all(map(_is_given_or_title, people)):
        # "Baker, Hill & Wood" need not be a couple
        return Name(whole)
    left, right = (_without_titles(words, fewest=0) for words in (before, after))
    if left in ([], ["M."], ["M"]):
        # "Mr. & Mrs. John Stone": whose first name it is stays open
        return Name(name, "", _split_words(right)[1] if right else "")
    return _of_two(name, left, right)


def _of_two(name: str, left: list[str], right: list[str]) -> Name:
    all_given = all(map(_is_given, left))
    if len(right) < 2:  # noqa: PLR2004
        spouse_first, spouse_last = " ".join(right), ""
        if not right or not _is_given(right[0]) or (len(left) == 1 and not all_given):
            return Name(name)
    else:
        spouse_first, spouse_last = _split_words(right)
    if len(left) == 1 or all_given:
        return Name(name, " ".join(left), spouse_last, spouse_first)
    first, last = _split_words(left)
    same = spouse_last.lower() == last.lower()
    return Name(name, first, last, spouse_first, "" if same else spouse_last)


def _conjunction(name: str) -> re.Match[str] | None:
    """Return where "and" stands between two people; None when the name is that of one person."""
    plain = re.search(_AND, name, re.IGNORECASE)
    if plain or not (match := re.search(_AND_OR_SURNAME, name)):
        return plain
    before, after = name[: match.start()].split(), name[match.end() :].split()
    surnames = len(before) > 1 and len(after) == 1 and not _is_given(after[0])
    return None if surnames else match


def _split_words(words: Sequence[str]) -> tuple[str, str]:
    """Return (first, last) of words in the order "John van der Berg Jr. PhD"."""
    words = _without_nickname(_without_titles(words))
    words = _last_words(words, _degree_in(words), fewest=2)[1]
    suffixes, words = _last_words(words, _is_suffix, fewest=2)
    if len(words) == 1:
        return "", " ".join([*words, *suffixes])
    start = _family_start(words)
    return " ".join(words[:start]), " ".join([*words[start:], *suffixes])


def _family_start(words: Sequence[str]) -> int:
    """Return the index of the last name's first word: of its first particle, else of the last."""
    if len(words) > 3 and words[-2] in _BETWEEN_SURNAMES:  # noqa: PLR2004
        return len(words) - 3
    devotion = _DEVOTIONS.match(" ".join(words) + " ")
    given = max(len(devotion[1].split()), 1) if devotion else 1
    if given >= len(words):
        return len(words) - 1
    for index in range(given, len(words) - 1):
        word = words[index]
        if word in _PARTICLES or word.lower() in _CAPITAL:
            return index
    return len(words) - 1


def _without_extras(segments: list[str]) -> tuple[list[str], list[str]]:
    """Return the segments between commas, and the degrees and suffixes after them."""
    extras: list[str] = []
    while len(segments) > 1 and all(
        _is_extra(word, surname_only=len(segments) == 2 and " " not in segments[0])  # noqa: PLR2004
        for word in segments[-1].split()
    ):
        extras.insert(0, segments.pop())
    return segments, extras


def _without_titles(words: Sequence[str], *, fewest: int = 1) -> list[str]:
    """Return the words after the titles, of which some must stay."""
    rest = list(words)
    while len(rest) > fewest and _is_title(rest[0]):
        rest.pop(0)
    return rest


def _without_nickname(words: Sequence[str]) -> list[str]:
    return [word for word in words if not _NICKNAME.match(word)] or list(words)


def _last_words(
    words: Sequence[str], matches: Callable[[str], bool], *, fewest: int = 1
) -> tuple[list[str], list[str]]:
    """Return (the last words that match, the words before them), of which some must stay."""
    rest = list(words)
    matching: list[str] = []
    while len(rest) > fewest and matches(rest[-1]):
        matching.insert(0, rest.pop())
    return matching, rest


def _plain(word: str) -> str:
    return search_text(word).replace(".", "").strip(",")


def _is_title(word: str) -> bool:
    plain = _plain(word)
    return plain in TITLES and (plain not in _WITH_POINT or word.endswith("."))


def _is_suffix(word: str) -> bool:
    return _plain(word) in SUFFIXES and word != "V."


def _is_suffix_not_initial(word: str) -> bool:
    return _is_suffix(word) and _plain(word) != "v"


def _is_extra(word: str, *, surname_only: bool) -> bool:
    """Return whether a word after a comma is a degree or suffix: "Ma, Jack" has none."""
    plain = _plain(word)
    if plain in _SURE_DEGREES or plain in SUFFIXES - {"v"}:
        return True
    return not surname_only and (plain in DEGREES or plain == "v")


def _degree_in(words: Sequence[str]) -> Callable[[str], bool]:
    """Return a test for degrees: "Yo Yo Ma" and "YO YO MA" have none, "Ben Wood MA" has one."""
    shouted = all(word.isupper() for word in words)

    def is_degree(word: str) -> bool:
        plain = _plain(word)
        written_so = word.replace(".", "").isupper() and not shouted
        return plain in _SURE_DEGREES or (plain in DEGREES and written_so)

    return is_degree


def _is_given(word: str) -> bool:
    plain = _plain(word)
    return len(plain) == 1 or plain in GIVEN_NAMES


def _is_given_or_title(word: str) -> bool:
    return _is_given(word) or _is_title(word)
