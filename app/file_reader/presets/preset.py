"""Building blocks of a preset: a file format described by data alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class First:
    """The first of these values that is not blank."""

    of: tuple["ComputedValue", ...]


@dataclass(frozen=True, slots=True)
class Join:
    """All of these values that are not blank, joined by `by`."""

    of: tuple["ComputedValue", ...]
    by: str = " "


@dataclass(frozen=True, slots=True)
class When:
    """`then` where the column's value is one of the words (lower case), blank elsewhere.

    With `unless`, where it is none of them.
    """

    header: str
    words: frozenset[str]
    then: "ComputedValue"
    unless: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A column's values translated by `words`: "" blanks a cell, unlisted values stay."""

    of: "ComputedValue"
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A number without its minus sign: some formats write fees as outgoing money."""

    of: "ComputedValue"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of plain numbers (1234.50); any other cell counts as zero."""

    of: tuple["ComputedValue", ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of values separated by commas."""

    of: "ComputedValue"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A constant, the same in every row."""

    text: str


# a header as `header_names.normal` normalises it, or a value computed from several
ComputedValue: TypeAlias = str | First | Join | When | Words | Unsigned | Sum | Listed | Fixed


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows to skip: their cell holds one of `words`, or with `unless` none of them.

    Without a header, the rows in which all columns of `blank` are blank. With `keeps_donor`,
    the donor is still imported and only the gift or pledge is skipped.
    """

    reason: str
    header: str = ""
    words: frozenset[str] = frozenset()
    unless: bool = False
    blank: tuple[str, ...] = ()
    keeps_donor: bool = False


@dataclass(frozen=True, slots=True)
class AdditionalGift:
    """An additional gift in the same row, created where its amount is set.

    Fields that are not in `computed` are those of the row's first gift. Without `donor` it belongs
    to the same donor. `credits` names the kind of soft credit that the first gift's donor gets for
    this gift.
    """

    computed: Mapping[str, ComputedValue]
    donor: Mapping[str, ComputedValue] = field(default_factory=dict)
    credits: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of file of a format: the mapping from headers to fields.

    `needs` are headers without which it is not this file; `clear` are headers that show it is
    another one. Other headers may be missing; unknown ones are ignored. `computed` are fields
    computed from more than one plain column; `donor` are the fields of the donor that a row
    describes besides its gift or pledge. With `only_with`, rows in which these fields are blank or
    zero describe only a donor. `additional` are additional gifts of a row. Where the files have no
    header row, `cells` gives a pattern for each column's cells, in order, with its header.
    """

    kind: str
    headers: Mapping[str, str]
    needs: frozenset[str]
    clear: frozenset[str] = frozenset()
    least: int = 2
    computed: Mapping[str, ComputedValue] = field(default_factory=dict)
    donor: Mapping[str, ComputedValue] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()
    only_with: tuple[str, ...] = ()
    additional: tuple[AdditionalGift, ...] = ()
    # header → pattern that a whole cell must match
    cells: Mapping[str, str] = field(default_factory=dict)
    # the format's date order, where it is fixed
    date_order: str | None = None

    def fits(self, names: Sequence[str]) -> bool:
        """Return whether the normalised headers are those of this file."""
        headers = set(names)
        return (
            self.needs <= headers
            and not self.clear & headers
            and len(headers & self.headers_read()) >= self.least
        )

    def headers_read(self) -> set[str]:
        """Return every header that this part reads."""
        values = [
            *self.computed.values(),
            *self.donor.values(),
            *(skip.header for skip in self.skips),
        ]
        for gift in self.additional:
            values += [*gift.computed.values(), *gift.donor.values()]
        return set(self.headers).union(*map(headers_of, values))

    def place(self, names: Sequence[str]) -> dict[str, int]:
        """Return the column index of each field; of two equal headers, the first counts."""
        return {
            self.headers[name]: index
            for index, name in reversed(list(enumerate(names)))
            if name in self.headers
        }


def headers_of(value: ComputedValue) -> set[str]:
    """Return the headers that a value is computed from."""
    match value:
        case str():
            return {value} if value else set()
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
    """A format: `source` is the namespace of its ids; `policy` the default update policy.

    Policy "overwrite" lets a filled cell replace a stored value; "fill" only fills empty values.
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
    recognised: int = 0
