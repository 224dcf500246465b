"""The description of one kind of export file, and the columns that several kinds share."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.donors import Credit, Unit
from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, ident, typed

HOME_CURRENCY = "coalesce((select o.currency from organisation o), 'USD')"


@dataclass(frozen=True, slots=True)
class Counting:
    """What a file counts as a donor, and which giving; `fiscal_year` is the one of this year."""

    fiscal_year: int
    unit: Unit = Unit.PERSON
    credit: Credit = Credit.HARD


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export file; `{scope}` in `source` is replaced by the actor's scope.

    `{giving}` in `source` is what every donor gives, by person or household.
    `{hidden}` in a column is the condition that the actor may not see the donor's name.
    `{mine}` is the condition for rows without a donor, which only the assignee may see, `{goals}`
    that for goals. A kind without a source is not read with SQL.
    """

    name: str
    # for one row, in the singular
    noun: str
    description: str
    icon: str
    columns: Mapping[str, Column]
    source: str
    # the ORDER BY of the rows: their id
    key: str
    # whether the role finance may export it
    finance: bool = False
    # whether the file can be imported again
    importable: bool = True

    @property
    def about_people(self) -> bool:
        """Return whether the rows name donors."""
        return self.name == "donors" or "donor_id" in self.columns


def contacts(child: str, *, primary: bool) -> str:
    """Return SQL of the primary e-mail or phone of a donor, or of all others in one cell."""
    if primary:
        return (
            f"(select k.{child} from donor_{child} k where k.donor_id = donor.id and is_primary)"
        )
    return (
        f"(select string_agg(k.{child}, '; ' order by k.id) from donor_{child} k"
        f" where k.donor_id = donor.id and not k.is_primary)"
    )


def _details(child: str, columns: str, condition: str) -> str:
    """Return SQL for the details of a donor that other columns do not hold, as a JSON list."""
    return (
        f"(select jsonb_agg(jsonb_strip_nulls(jsonb_build_object({columns}, 'type', k.type,"
        " 'do_not_use', case when k.do_not_use then true end)) order by k.id)"
        f" from donor_{child} k where k.donor_id = donor.id and ({condition}))"
    )


_MARKED = "k.type <> 'other' or k.do_not_use"
_ADDRESS_MARKED = (
    f"not k.is_primary or {_MARKED} or k.valid_from is not null or k.valid_to is not null"
)
_ADDRESS_COLUMNS = ", ".join(
    f"'{name}', k.{name}"
    for name in (
        *("street", "city", "state", "postal_code", "country"),
        *("season_from", "season_to", "valid_from", "valid_to"),
    )
)
_EMAILS = _details("email", "'email', k.email", _MARKED)
_PHONES = _details("phone", "'phone', k.phone", _MARKED)
_ADDRESSES = _details("address", _ADDRESS_COLUMNS, _ADDRESS_MARKED)
# types and validity of the contact details, and every further address; read by the importer
CONTACT_DETAILS = (
    "nullif(jsonb_strip_nulls(jsonb_build_object("
    f"'emails', {_EMAILS}, 'phones', {_PHONES}, 'addresses', {_ADDRESSES}))"
    ", '{}')::text"
)


def name_column(expression: str) -> Column:
    """Return a column of a donor's name, masked where the reader may not see it."""
    return typed(f"case when {{hidden}} then '{ANONYMOUS}' else {expression} end")


def identifying_column(expression: str) -> Column:
    """Return a column of identifying data, empty where the reader may not see the name."""
    return typed(f"case when not coalesce({{hidden}}, false) then {expression} end")


DONOR_COLUMNS = {
    "donor_id": ident("donor.id"),
    "donor_name": name_column("donor.name"),
    "donor_email": identifying_column(contacts("email", primary=True)),
}
FUND_COLUMNS = {"fund_id": ident("f.id"), "fund": typed("f.name")}
