"""Contact details of a donor: e-mails, phones and postal addresses."""

from dataclasses import dataclass, field
from datetime import date

SEASONAL = "seasonal"
# a detail without a chosen type
OTHER = "other"
EMAIL_TYPES = ("home", "work", "mobile", OTHER)
PHONE_TYPES = EMAIL_TYPES
ADDRESS_TYPES = ("home", "work", SEASONAL, OTHER)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None

    def __str__(self) -> str:
        """Return the address on one line."""
        town = " ".join(part for part in (self.city, self.state, self.postal_code) if part)
        return ", ".join(part for part in (self.street, town, self.country) if part)


@dataclass(frozen=True, slots=True)
class EmailDetail:
    """One of a donor's e-mail addresses."""

    email: str = ""
    type: str = OTHER
    do_not_use: bool = False
    is_primary: bool = False
    id: int | None = None

    def __str__(self) -> str:
        """Return the e-mail address."""
        return self.email


@dataclass(frozen=True, slots=True)
class PhoneDetail:
    """One of a donor's phone numbers."""

    phone: str = ""
    type: str = OTHER
    do_not_use: bool = False
    is_primary: bool = False
    id: int | None = None

    def __str__(self) -> str:
        """Return the phone number."""
        return self.phone


@dataclass(frozen=True, slots=True)
class AddressDetail:
    """One of a donor's postal addresses, with the days on which it is valid.

    A seasonal address is valid every year from `season_from` to `season_to`, both included, given
    as month and day ("11-01"); the season may include the turn of the year. The days from
    `valid_from` to `valid_to`, both included, limit any address.
    """

    address: Address = field(default_factory=Address)
    type: str = OTHER
    season_from: str | None = None
    season_to: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    do_not_use: bool = False
    is_primary: bool = False
    id: int | None = None

    def __str__(self) -> str:
        """Return the address on one line."""
        return str(self.address)


ContactDetail = EmailDetail | PhoneDetail | AddressDetail


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """All contact details of a donor, the primary one of each kind first."""

    emails: tuple[EmailDetail, ...] = ()
    phones: tuple[PhoneDetail, ...] = ()
    addresses: tuple[AddressDetail, ...] = ()
