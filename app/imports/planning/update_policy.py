"""What a file may do to what is kept here: fill what is empty, replace it, or leave it alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.imports.mapping.mapped_file import Source
from app.imports.values.fields import OWN
from app.kit.errors import InvalidError

FILL, OVERWRITE, KEEP = "fill", "overwrite", "keep"
POLICIES = (FILL, OVERWRITE, KEEP)
TEXTS = (
    "name", "first_name", "last_name", "spouse_first_name", "spouse_last_name", "salutation",
    "envelope_name", "notes",
)  # fmt: skip
FLAGS = ("no_email", "no_phone", "no_mail", "deceased", "anonymous")
# of these a kept value is never empty: filling leaves it alone
ALWAYS_FILLED = ("kind", "status", "owner_email")
# of these a donor has several: a file adds to them, or with "keep" does not
SEVERAL = ("email", "phone", "tags")
CUSTOM = "custom"
ADDRESS = "address"
_PART_OF = dict.fromkeys(("street", "city", "state", "postal_code", "country"), ADDRESS)
_PART_OF |= {"other_emails": "email", "other_phones": "phone"}
# of gifts and pledges: the choice, and the columns of a file that are about it
OWN_OF = {
    "gifts": {
        "gift_amount": ("amount", "currency"), "gift_date": ("gift_date",),
        "gift_fund": ("fund", "fund_external_id"), "gift_method": ("method",),
        "gift_note": ("note",),
    },
    "pledges": {
        "pledge_amount": ("amount",), "pledge_frequency": ("frequency",),
        "pledge_status": ("status",), "pledge_start": ("start_date",),
        "pledge_end": ("end_date",), "pledge_fund": ("fund", "fund_external_id"),
        "pledge_note": ("note",), "pledge_day": ("anchor_day",),
        "pledge_grace": ("grace_days",), "pledge_instalments": ("instalments",),
        "pledge_total": ("total",), "pledge_method": ("method",),
    },
}  # fmt: skip
# of these a kept gift or pledge always has one
NEVER_EMPTY = (
    *ALWAYS_FILLED, "gift_amount", "gift_date", "pledge_amount", "pledge_frequency",
    "pledge_status", "pledge_start",
)  # fmt: skip
CHOSEN = (
    *TEXTS, *SEVERAL, ADDRESS, CUSTOM, *ALWAYS_FILLED, *FLAGS, *OWN_OF["gifts"],
    *OWN_OF["pledges"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """What a file's cell may do to a kept value: the format's way, but for the fields named."""

    default: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, name: str) -> str:
        """Return fill, overwrite or keep."""
        return self.fields.get(name, self.default)

    def having(self, names: tuple[str, ...], *ways: str) -> list[str]:
        """Return those of the fields that are treated in one of these ways."""
        return [name for name in names if self.of(name) in ways]


def checked(policies: Mapping[str, str] | None) -> dict[str, str]:
    """Return a person's choices, field → way, in order.

    Raises:
        InvalidError: there is no such field, or no such way.
    """
    for name, way in (policies or {}).items():
        if name not in CHOSEN or way not in POLICIES:
            msg = f"“{name}: {way}” is no choice. Fields are {', '.join(CHOSEN)}; ways are fill, "
            msg += "overwrite and keep."
            raise InvalidError(msg)
    return dict(sorted((policies or {}).items()))


def usual(made: Source) -> dict[str, str]:
    """Return what the format does to each field that the file has, in our order.

    Of gifts and pledges, whatever a row says stands.
    """
    own = {
        name: OVERWRITE
        for name, columns in OWN_OF.get(made.kind, {}).items()
        if set(columns) & set(made.columns)
    }
    return _usual_of_donors(made) | own


def _usual_of_donors(made: Source) -> dict[str, str]:
    if made.kind != "donors" and not made.mixed:
        return {}
    names = (*made.columns, *made.people)
    there = {CUSTOM if name.startswith(OWN) else _PART_OF.get(name, name) for name in names}
    found = {name: made.policy for name in CHOSEN if name in there}
    unfilled = [name for name in ALWAYS_FILLED if found.get(name) == FILL]
    return found | dict.fromkeys(unfilled, KEEP)
