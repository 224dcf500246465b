"""Update policies: a file may fill empty values, overwrite stored values, or keep them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.imports.mapping.mapped_file import MappedFile
from app.imports.values.fields import CUSTOM_PREFIX
from app.imports.values.records.related_fields import CHANGING
from app.kit.errors import InvalidError

FILL, OVERWRITE, KEEP = "fill", "overwrite", "keep"
POLICIES = (FILL, OVERWRITE, KEEP)
TEXTS = (
    "name",
    "first_name",
    "last_name",
    "spouse_first_name",
    "spouse_last_name",
    "salutation",
    "envelope_name",
    "notes",
    "deceased_on",
    "preferred_language",
    "preferred_channel",
)
# of these texts, those that the database stores as dates
DAYS = ("deceased_on",)
FLAGS = ("no_email", "no_phone", "no_mail", "deceased", "anonymous")
# stored values of these are never empty: "fill" does not change them
ALWAYS_FILLED = ("kind", "status", "owner_email")
# a donor has several values of these: a file adds to them, or with "keep" does not
SEVERAL = ("email", "phone", "tags")
CUSTOM = "custom"
# types and validity of all contact details, as an export writes them
DETAILS = "contact_details"
# tags, contact details, households and the like: one choice for all fields of the file
RECORDS = "records"
ADDRESS = "address"
_PART_OF = dict.fromkeys(("street", "city", "state", "postal_code", "country"), ADDRESS)
_PART_OF |= {"other_emails": "email", "other_phones": "phone"}
# gifts and pledges: the choice, and the file's columns that it covers
GIFT_AND_PLEDGE_COLUMNS = {
    "gifts": {
        "gift_amount": ("amount", "currency"),
        "gift_date": ("gift_date",),
        "gift_fund": ("fund", "fund_external_id"),
        "gift_campaign": ("campaign",),
        "gift_method": ("method",),
        "gift_note": ("note",),
    },
    "pledges": {
        "pledge_amount": ("amount",),
        "pledge_frequency": ("frequency",),
        "pledge_status": ("status",),
        "pledge_start": ("start_date",),
        "pledge_end": ("end_date",),
        "pledge_fund": ("fund", "fund_external_id"),
        "pledge_campaign": ("campaign",),
        "pledge_note": ("note",),
        "pledge_day": ("anchor_day",),
        "pledge_grace": ("grace_days",),
        "pledge_instalments": ("instalments",),
        "pledge_total": ("total",),
        "pledge_method": ("method",),
    },
}
# stored donors, gifts and pledges always have a value of these
NEVER_EMPTY = (
    *ALWAYS_FILLED,
    "gift_amount",
    "gift_date",
    "pledge_amount",
    "pledge_frequency",
    "pledge_status",
    "pledge_start",
)
FIELDS = (
    *TEXTS,
    *SEVERAL,
    ADDRESS,
    DETAILS,
    CUSTOM,
    *ALWAYS_FILLED,
    *FLAGS,
    *GIFT_AND_PLEDGE_COLUMNS["gifts"],
    *GIFT_AND_PLEDGE_COLUMNS["pledges"],
    RECORDS,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How a file's cell may change a stored value: the format's default, and field overrides."""

    default: str
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, name: str) -> str:
        """Return the policy of a field: fill, overwrite or keep."""
        return self.fields.get(name, self.default)

    def having(self, names: tuple[str, ...], *policies: str) -> list[str]:
        """Return the fields among `names` whose policy is one of `policies`."""
        return [name for name in names if self.of(name) in policies]


def checked_policies(policies: Mapping[str, str] | None) -> dict[str, str]:
    """Return a user's choices (field → policy), sorted by field.

    Raises:
        InvalidError: there is no such field or policy.
    """
    for name, policy in (policies or {}).items():
        if name not in FIELDS or policy not in POLICIES:
            msg = (
                f"“{name}: {policy}” is no choice. Fields are {', '.join(FIELDS)}; ways are fill, "
            )
            msg += "overwrite and keep."
            raise InvalidError(msg)
    return dict(sorted((policies or {}).items()))


def default_policies(mapped: MappedFile) -> dict[str, str]:
    """Return the format's policy for each field that the file has, in the order of FIELDS.

    For gifts and pledges, the file's values overwrite the stored ones.
    """
    if mapped.kind in CHANGING:
        return {RECORDS: mapped.policy}
    own = {
        name: OVERWRITE
        for name, columns in GIFT_AND_PLEDGE_COLUMNS.get(mapped.kind, {}).items()
        if set(columns) & set(mapped.columns)
    }
    return _default_of_donors(mapped) | own


def _default_of_donors(mapped: MappedFile) -> dict[str, str]:
    if mapped.kind != "donors" and not mapped.mixed:
        return {}
    names = (*mapped.columns, *mapped.people)
    present = {
        CUSTOM if name.startswith(CUSTOM_PREFIX) else _PART_OF.get(name, name) for name in names
    }
    policies = {name: mapped.policy for name in FIELDS if name in present}
    unchanged = [name for name in ALWAYS_FILLED if policies.get(name) == FILL]
    return policies | dict.fromkeys(unchanged, KEEP)
