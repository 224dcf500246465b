"""Result types of the donors package. Money is in the organisation's currency."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.donors.contacts.details import Address, ContactDetails
from app.kit.errors import ConflictError
from app.kit.money import Money

SORTS = ("name", "last gift", "this year", "lifetime", "last contact")
BY_AMOUNT = ("this year", "lifetime")
# the rhythm's status of a donor who has paid a running pledge up to its next instalment
PLEDGE_PAID = "pledge paid"
GIVING = (
    "on rhythm",
    PLEDGE_PAID,
    "slipping",
    "at risk",
    "paused",
    "pledge late",
    "lapsed",
    "second gift",
    "never gave",
)


class Unit(StrEnum):
    """What a list counts as one donor: each record, or a household with all its members."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Credit(StrEnum):
    """Which giving counts: own gifts, soft credits for the gifts of others, or both."""

    HARD = "hard"
    SOFT = "soft"
    BOTH = "both"


class StaleDonorError(ConflictError):
    """Someone else saved first; `theirs` maps each differing field to (saved, yours)."""

    def __init__(self, message: str, theirs: dict[str, tuple[Any, Any]]) -> None:
        super().__init__(message)
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class DonorFilter:
    """The filter of the donor list; empty means all. `query` is the search text."""

    query: str = ""
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    giving: tuple[str, ...] = ()
    owner_id: int | None = None
    tag: str | None = None
    # True: anonymous donors only; False: all others; None: both
    anonymous: bool | None = None
    # the rows of an import, of which `import_rows` selects the "new" or the "changed" ones
    import_id: int | None = None
    import_rows: str | None = None
    # one line per donor or per household; what its sums count
    unit: Unit = Unit.PERSON
    credit: Credit = Credit.HARD
    # a custom field that has this value as it is stored; any value if it is empty
    custom_field: str | None = None
    custom_value: str | None = None
    # conditions as text (see `conditions.rules`), and a saved segment; both must hold
    where: str = ""
    segment_id: int | None = None
    # only who gave or pledged to this fund
    fund_id: int | None = None


@dataclass(frozen=True, slots=True)
class DonorMatch:
    """One result of the donor search."""

    donor_id: int
    name: str
    kind: str
    status: str
    email: str | None
    city: str | None
    last_gift_date: date | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Cursor for keyset pagination: the last row's sort value and id."""

    value: str | None
    donor_id: int


@dataclass(frozen=True, slots=True)
class DonorLine:
    """One row of the list of donors."""

    donor_id: int
    name: str
    kind: str
    status: str
    owner_id: int | None
    owner_name: str | None
    giving: str
    rhythm_days: float | None
    gifts: int
    last_gift_date: date | None
    this_year: Money
    lifetime: Money
    last_contacted_on: date | None
    # the donor gives anonymously, but the actor may see the name
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class DonorPage:
    """A page of donors; `total` is capped at 10,001."""

    lines: list[DonorLine]
    total: int
    next: Cursor | None
    # no exact match, so the lines are similar names
    similar: bool = False


@dataclass(frozen=True, slots=True)
class DonorFields:
    """The editable fields of a donor; e-mail, phone and address are the primary ones."""

    name: str = ""
    kind: str = "person"
    first_name: str | None = None
    last_name: str | None = None
    spouse_first_name: str | None = None
    spouse_last_name: str | None = None
    salutation: str | None = None
    envelope_name: str | None = None
    status: str = "prospect"
    email: str | None = None
    phone: str | None = None
    address: Address = field(default_factory=Address)
    no_email: bool = False
    no_phone: bool = False
    no_mail: bool = False
    deceased: bool = False
    # of information only: what follows from a death follows from `deceased`
    deceased_on: date | None = None
    preferred_language: str | None = None
    preferred_channel: str | None = None
    anonymous: bool = False
    notes: str | None = None
    # the organisation's custom fields, one "Birthday: 1 May" per line
    more: str | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a donor gives, as last scored."""

    status: str
    days: float | None
    regular: bool
    risk: float | None
    expected_by: date | None
    sentence: str


@dataclass(frozen=True, slots=True)
class DonorView:
    """Everything the header of a donor's page shows."""

    donor_id: int
    version: int
    fields: DonorFields
    owner_name: str | None
    household_id: int | None
    salutation: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[Address, ...]
    contact: ContactDetails
    external_ids: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    gifts: int
    lifetime: Money
    this_year: Money
    last_year: Money
    largest: Money | None
    first_gift_date: date | None
    last_gift_date: date | None
    last_contacted_on: date | None
    rhythm: Rhythm | None
    editable: bool
    giftable: bool

    @property
    def name(self) -> str:
        """Return the donor's display name."""
        return self.fields.name


@dataclass(frozen=True, slots=True)
class DonorMonth:
    """A month's net giving, split by whether it belongs to a pledge; `month` is its first day."""

    month: date
    pledged: Money
    one_time: Money


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A donor who may be stopping, with a sentence that gives the reason."""

    donor_id: int
    donor_name: str
    owner_id: int | None
    status: str
    risk: float
    last_gift_date: date
    sentence: str
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class TagName:
    """A tag that donors can have."""

    tag_id: int
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag with the number of donors that have it."""

    tag_id: int
    version: int
    name: str
    donors: int


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of donors that the organisation has defined; closed: no longer offered in forms."""

    field_id: int
    version: int
    name: str
    type: str
    choices: tuple[str, ...] = ()
    open: bool = True


@dataclass(frozen=True, slots=True)
class CustomFieldLine:
    """A custom field with the number of donors that have a value in it."""

    field: CustomField
    donors: int
