"""Choose the encoding in which a file's names are most plausible, or report that it is unsure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from math import exp, log

import numpy as np
from charset_normalizer import from_bytes

from app.file_reader.charset import plausibility
from app.file_reader.charset.languages import CENTRAL, WESTERN

# encoding → languages written in it; of encodings with equal text the first is chosen
CANDIDATES: dict[str, tuple[str, ...]] = {
    "cp1252": (*WESTERN, "is", "et"),
    "cp1250": CENTRAL,
    "cp1251": ("ru", "uk", "bg", "sr"),
    "cp1254": ("tr", *WESTERN),
    "mac-roman": WESTERN,
    "cp1256": ("ar", "fr"),
    "cp1253": ("el",),
    "cp1255": ("he",),
    "cp1257": ("lt", "et", "de"),
    "iso8859-2": CENTRAL,
    "koi8-r": ("ru",),
    "cp850": WESTERN,
    "cp866": ("ru",),
    "mac-cyrillic": ("ru", "uk"),
    "mac-latin2": CENTRAL,
    "cp874": ("th",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "gb18030": ("zh-hans", "zh-hant"),
    "big5": ("zh-hant",),
    "cp949": ("ko",),
}
_IDEOGRAPHIC = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})
# log of how much rarer files in an encoding are than in Windows-1252
_PRIOR = {
    "cp1252": 1.5,
    "mac-roman": -1.0,
    "cp1257": -2.0,
    "iso8859-2": -1.0,
    "koi8-r": -1.0,
    "cp850": -2.0,
    "cp866": -2.0,
    "mac-cyrillic": -2.0,
    "mac-latin2": -3.0,
    "euc_jp": -1.0,
}
# difference of log-probabilities that decides
SURE = 5.0
# a candidate this much worse than the best one after a few words is not considered further
_HOPELESS, _FIRST_WORDS = 100.0, 40
_MOST_RIVALS = 4
MOST_WORDS, MOST_SAMPLES = 400, 5
_MAIN_LANGUAGE = 0.85
# log-probability per character below which a word is not of the language: of a word with an
# alphabet, of a short one, of one in Chinese characters; and the share of such words
_BAD_WORD, _BAD_SHORT_WORD, _BAD_IDEOGRAPHS = -7.0, -14.0, -11.0
_SHORT, _MOST_BAD = 2, 0.3
# no byte below 0x30, and none of these, is part of a character of several bytes
_WORD = re.compile(rb"[^\x00-\x2f\x3a-\x3f]+")
_SAFE = re.compile(rb"[\x00-\x2f\x3a-\x3f]")
_MARKS = (b",", b";", b" ", b"\t", b'"')
_HIGH = re.compile(rb"[\x80-\xff]")
_C1_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_BLOCKS, _LINES_A_BLOCK, _BLOCK = 64, 64, 64 * 1024
_MOST_LINE, _LINES_A_BYTE, _CHUNK = 2_000, 5, 2**22


@dataclass(frozen=True, slots=True)
class Detected:
    """The most plausible encoding; `readings` has the equally plausible ones with samples."""

    encoding: str
    readings: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scored:
    encoding: str
    words: tuple[str, ...]
    score: float


def detect(data: bytes) -> Detected | None:
    """Return the encoding of a file that is not UTF-8; None if no candidate can decode it."""
    words = sample(data)
    # decoding the whole file is dear, and most candidates are never looked at
    ranked = (each for each in _ranked(words) if _decodes(data, each.encoding))
    best = next(ranked, None)
    if best is None:
        return None
    rivals = {best.encoding: best.words}
    others = list(islice(_while_near(ranked, best), _MOST_RIVALS))
    if _is_plausible(best) and not _different(others, best):
        return Detected(best.encoding)
    if not _different(others, best):
        others += islice(ranked, _MOST_RIVALS)
        other_encoding = _second_opinion(data)
        if other_encoding:
            decoded = tuple(word.decode(other_encoding, "replace") for word in words)
            others.append(_Scored(other_encoding, decoded, 0.0))
    for other in others:
        if other.words not in rivals.values():
            rivals[other.encoding] = other.words
    return Detected(best.encoding, _with_samples(rivals))


def _while_near(ranked: Iterator[_Scored], best: _Scored) -> Iterator[_Scored]:
    """Yield the candidates that are about as plausible as the best one."""
    return takewhile(lambda other: best.score - other.score < SURE, ranked)


def _different(others: Sequence[_Scored], best: _Scored) -> bool:
    return any(other.words != best.words for other in others)


def sample(data: bytes) -> list[bytes]:
    """Return distinct words with bytes outside ASCII, from lines all over the file.

    Words with a byte that none of the words before has come first.
    """
    lines = list(_lines(data))
    # a rare letter may be the only one that tells two encodings apart
    lines += _lines_of_rare_bytes(data, _high_bytes(data) - set(b"".join(lines)))
    distinct = dict.fromkeys(
        word for line in lines for word in _WORD.findall(line) if not word.isascii()
    )
    seen: set[int] = set()
    first: list[bytes] = []
    rest: list[bytes] = []
    for word in distinct:
        high = {byte for byte in word if byte > 0x7F}  # noqa: PLR2004
        (rest if high <= seen else first).append(word)
        seen |= high
    return [*first, *rest][:MOST_WORDS]


def _lines(data: bytes) -> Iterable[bytes]:
    """Yield lines with bytes outside ASCII, the first ones of blocks all over the file."""
    chunks = range(0, len(data), _BLOCK)
    dirty = [start for start in chunks if not data[start : start + _BLOCK].isascii()]
    step = max(1, len(dirty) // _BLOCKS)
    for start in dirty[::step]:
        position, stop = start, min(len(data), start + _BLOCK)
        for _ in range(_LINES_A_BLOCK):
            match = _HIGH.search(data, position, stop)
            if match is None:
                break
            begin, end = _line_around(data, match.start())
            yield data[begin:end]
            position = end


def _high_bytes(data: bytes) -> set[int]:
    """Return the bytes outside ASCII that a file has."""
    counts = np.zeros(256, dtype=np.int64)
    for start in range(0, len(data), _CHUNK):
        piece = np.frombuffer(data, np.uint8, min(_CHUNK, len(data) - start), start)
        counts += np.bincount(piece, minlength=256)
    return {int(byte) for byte in np.flatnonzero(counts) if byte > 0x7F}  # noqa: PLR2004


def _lines_of_rare_bytes(data: bytes, rare: set[int]) -> list[bytes]:
    """Return the first lines that have each of these bytes."""
    lines = []
    for byte in sorted(rare):
        end = 0
        for _ in range(_LINES_A_BYTE):
            position = data.find(byte, end)
            if position < 0:
                break
            begin, end = _line_around(data, position)
            lines.append(data[begin:end])
    return lines


def _line_around(data: bytes, position: int) -> tuple[int, int]:
    """Return the line around a position; of a long line, a part that splits no character."""
    begin = _line_edge(data, max(0, position - _MOST_LINE), position, last=True)
    end = _line_edge(data, position, position + _MOST_LINE, last=False)
    if position - begin >= _MOST_LINE:
        safe = _SAFE.search(data, begin, position)
        begin = safe.end() if safe else begin
    if end - position >= _MOST_LINE:
        end = max(data.rfind(mark, position, end) for mark in _MARKS)
        end = end if end > position else position + _MOST_LINE
    return begin, end


def _line_edge(data: bytes, start: int, stop: int, *, last: bool) -> int:
    ends = [
        data.rfind(mark, start, stop) if last else data.find(mark, start, stop)
        for mark in (b"\n", b"\r")
    ]
    if last:
        return max(start, max(ends) + 1)
    return min((end for end in ends if end >= 0), default=min(stop, len(data)))


def _ranked(words: Sequence[bytes]) -> list[_Scored]:
    """Return the candidates that can decode the words, the most plausible first."""
    decoded: dict[str, tuple[str, ...]] = {}
    for encoding in CANDIDATES:
        try:
            decoded[encoding] = tuple(word.decode(encoding) for word in words)
        except UnicodeDecodeError:
            continue
    scores = {
        encoding: _score(texts[:_FIRST_WORDS], encoding) for encoding, texts in decoded.items()
    }
    if len(words) > _FIRST_WORDS:
        limit = max(scores.values(), default=0.0) - _HOPELESS
        scores = {
            encoding: _score(decoded[encoding], encoding)
            for encoding, score in scores.items()
            if score >= limit
        }
    order = list(CANDIDATES)
    return sorted(
        (_Scored(encoding, decoded[encoding], score) for encoding, score in scores.items()),
        key=lambda each: (-each.score, order.index(each.encoding)),
    )


def _score(words: Sequence[str], encoding: str) -> float:
    """Return the log-probability of the words: most are of one language, some of the others."""
    languages = CANDIDATES[encoding]
    share = (1 - _MAIN_LANGUAGE) / len(languages)
    totals = dict.fromkeys(languages, 0.0)
    for word in words:
        of = {name: plausibility.log_probability(word, name) for name in languages}
        most = max(of.values())
        background = share * sum(exp(value - most) for value in of.values())
        for name, value in of.items():
            totals[name] += most + log(_MAIN_LANGUAGE * exp(value - most) + background)
    return max(totals.values()) + _PRIOR.get(encoding, 0.0)


def _is_plausible(best: _Scored) -> bool:
    """Return whether most words are possible in one of the encoding's languages."""
    bad = 0
    for word in best.words:
        score = max(plausibility.log_probability(word, name) for name in CANDIDATES[best.encoding])
        limit = _BAD_SHORT_WORD if len(word) <= _SHORT else _BAD_WORD
        if best.encoding in _IDEOGRAPHIC:
            limit = _BAD_IDEOGRAPHS
        bad += score / len(word) < limit
    return bad <= len(best.words) * _MOST_BAD


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return text.isascii() or not _C1_CONTROLS.search(text)


def _second_opinion(data: bytes) -> str | None:
    """Return the encoding that charset-normalizer finds, for languages that have no table here."""
    best = from_bytes(data[:16_384]).best()
    if best is None:
        return None
    names = {encoding.replace("-", "_"): encoding for encoding in CANDIDATES}
    return names.get(best.encoding)


def _with_samples(rivals: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the words that the readings differ in, for each reading."""
    columns = list(zip(*rivals.values(), strict=True))
    differ = [number for number, words in enumerate(columns) if len(set(words)) > 1]
    return {
        encoding: tuple(words[number] for number in differ[:MOST_SAMPLES])
        for encoding, words in rivals.items()
    }
