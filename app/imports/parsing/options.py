"""Options of parsing a file: detected from the file, or chosen by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.donors import CustomField


@dataclass(frozen=True, slots=True)
class Options:
    """The user's answers and the organisation's settings that parsing depends on.

    `instance_id` marks ids of DonorCRM's own exports; `repeats` lets identical rows without an id
    count as separate gifts; `owner_id` is the owner of new donors (None: no owner yet).
    """

    today: date
    currency: str
    instance_id: str
    date_order: str | None = None
    decimal: str | None = None
    repeats: bool = False
    source: str = "file"
    owner_id: int | None = None
    # the user's choices for rows that do not say it themselves
    file_currency: str | None = None
    fund: str | None = None
    method: str | None = None
    # the organisation's, for time stamps with a zone
    time_zone: str = "UTC"
    # a format in which pledges may lack a start, which is then the day of the import
    assume_start: bool = False
    # whether the rows of donors stand beside gifts or pledges, which they must not refuse
    beside_records: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    # donor field → fill, overwrite or keep, where the user overrides the format's policy
    policies: Mapping[str, str] = field(default_factory=dict)
    # the organisation's, whose values have a type
    custom_fields: tuple[CustomField, ...] = ()
    # whether earlier files of its batch may have been written in this transaction
    in_batch: bool = False
