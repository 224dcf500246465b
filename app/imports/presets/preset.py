"""What a preset is: a format described by data alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class First:
    """The first of these that is filled."""

    of: tuple["Made", ...]


@dataclass(frozen=True, slots=True)
class Join:
    """All of these that are filled, one behind the other."""

    of: tuple["Made", ...]
    by: str = " "


@dataclass(frozen=True, slots=True)
class When:
    """`then` where the column holds one of the words (lower case), blank elsewhere.

    With `unless`, where it holds none of them.
    """

    header: str
    words: frozenset[str]
    then: "Made"
    unless: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A column in our words: "" leaves a cell blank, a word not named stays as it is."""

    of: "Made"
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A figure without its minus: some formats write fees as money going out."""

    of: "Made"


@dataclass(frozen=True, slots=True)
class Sum:
    """What plain figures (1234.50) come to; a cell that holds something else counts as nothing."""

    of: tuple["Made", ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """Several words with commas between them, one by one."""

    of: "Made"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What every row says."""

    text: str


# a header as `header.normal` spells it, or something made of several
Made: TypeAlias = str | First | Join | When | Words | Unsigned | Sum | Listed | Fixed


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows that are none: whose cell holds one of `words`, or with `unless` none of them.

    Without a header, the rows in which all of `blank` are blank. With `person_stays`, only what
    the person gave or promised is left out.
    """

    reason: str
    header: str = ""
    words: frozenset[str] = frozenset()
    unless: bool = False
    blank: tuple[str, ...] = ()
    person_stays: bool = False


@dataclass(frozen=True, slots=True)
class Also:
    """Another gift the same row tells of, where its amount says something.

    Fields that are not `made` are those of the row's first gift. Without `donor` it is the same
    person's. `credits` names the kind of soft credit the first gift's donor gets for this one.
    """

    made: Mapping[str, Made]
    donor: Mapping[str, Made] = field(default_factory=dict)
    credits: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of file of a format: which header means which of our fields.

    `needs` are headers without which it is not this file; `clear` are headers that show it is
    another one. Other headers may be missing, or stand beside these unread. `made` are fields
    that take more than one plain column; `donor` are the fields of the person a row describes
    beside its gift or pledge. With `only_with`, rows in which these fields are blank or nought
    describe a person and nothing else. `also` are further gifts of a row. Where the files have no
    header, `cells` says how each column's cells look, in order, and what its header would be.
    """

    kind: str
    headers: Mapping[str, str]
    needs: frozenset[str]
    clear: frozenset[str] = frozenset()
    least: int = 2
    made: Mapping[str, Made] = field(default_factory=dict)
    donor: Mapping[str, Made] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()
    only_with: tuple[str, ...] = ()
    also: tuple[Also, ...] = ()
    # header → pattern of a whole cell
    cells: Mapping[str, str] = field(default_factory=dict)
    # how this format writes days, where it always writes them so
    date_order: str | None = None

    def fits(self, names: Sequence[str]) -> bool:
        """Whether normalised headers are those of this file."""
        there = set(names)
        return (
            self.needs <= there
            and not self.clear & there
            and len(there & self.known()) >= self.least
        )

    def known(self) -> set[str]:
        """Return every header this part reads."""
        more = [*self.made.values(), *self.donor.values(), *(one.header for one in self.skips)]
        for one in self.also:
            more += [*one.made.values(), *one.donor.values()]
        return set(self.headers).union(*map(headers_of, more))

    def place(self, names: Sequence[str]) -> dict[str, int]:
        """Return the column of each field; of two columns alike, the first counts."""
        return {
            self.headers[name]: index
            for index, name in reversed(list(enumerate(names)))
            if name in self.headers
        }


def headers_of(made: Made) -> set[str]:
    """Return the headers something is made of."""
    match made:
        case str():
            return {made} if made else set()
        case First(of) | Join(of) | Sum(of):
            return set().union(*map(headers_of, of))
        case When(header, _, then, _):
            return {header} | headers_of(then)
        case Words(of) | Unsigned(of) | Listed(of):
            return headers_of(of)
        case Fixed():
            return set()


@dataclass(frozen=True, slots=True)
class Preset:
    """A format: `source` is the namespace of its ids; `policy` says what an update may do.

    Policy "overwrite" lets a filled cell replace what is kept; "fill" only fills what is empty.
    """

    name: str
    title: str
    source: str
    policy: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A recognised file: its preset, its part, and the column of each field."""

    preset: Preset
    part: Part
    columns: dict[str, int]
    known: int = 0
