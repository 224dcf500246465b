"""The parts of the guide, read from docs/guide: a title, an introduction and sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from app.settings import ROOT
from app.ui.base.screens import SCREENS, Screen, part_of

FOLDER = ROOT / "docs" / "guide"
# parts that belong to no screen, before those of the screens
GENERAL = ("start", "signing-in")
_SEE_ALSO = "See also: "
_LINK = re.compile(r"\[[^\]]+\]\(([a-z-]+)\.md\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a part: a heading, its anchor in the address, and its text in Markdown."""

    heading: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the guide; `name` is that of its file, `related` are names of other parts."""

    name: str
    title: str
    introduction: str
    sections: tuple[Section, ...]
    related: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A result of a search: a part, and the heading of the section that has the words."""

    part: Part
    heading: str


def parts(screens: Sequence[Screen] = SCREENS) -> tuple[Part, ...]:
    """Return the general parts and those of the screens, in the order of the menu."""
    return tuple(map(read, (*GENERAL, *map(part_of, screens))))


@cache
def read(name: str) -> Part:
    """Return the part with the name of a known screen or of a general part."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    text, _, related = text.partition(_SEE_ALSO)
    head, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, introduction = head.removeprefix("# ").partition("\n")
    return Part(
        name,
        title.strip(),
        introduction.strip(),
        tuple(map(_section, sections)),
        tuple(_LINK.findall(related)),
    )


def _section(text: str) -> Section:
    heading, _, rest = text.partition("\n")
    anchor = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
    return Section(heading.strip(), anchor, rest.strip())


def find(query: str, among: Sequence[Part]) -> list[Match]:
    """Return the sections with every word of the query, those with it in the heading first.

    A word may be the beginning of one in the guide: "late" finds "later", not "template".
    """
    words = [re.compile(rf"\b{re.escape(word)}") for word in query.casefold().split()]
    in_headings, in_texts = [], []
    for part in among:
        for heading, text in (
            (part.title, part.introduction),
            *((section.heading, section.text) for section in part.sections),
        ):
            title = f"{part.title} {heading}".casefold()
            if all(word.search(title) for word in words):
                in_headings.append(Match(part, heading))
            elif all(word.search(f"{title} {text}".casefold()) for word in words):
                in_texts.append(Match(part, heading))
    return [*in_headings, *in_texts] if words else []
