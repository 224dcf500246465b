"""The description of one kind of export file, and the columns that several kinds share."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, ident, typed


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of export file; `{scope}` in `source` is replaced by the actor's scope.

    `{hidden}` in a column is the condition that the actor may not see the donor's name.
    `{mine}` is the condition for rows without a donor, which only the assignee may see. A kind
    without a source is not read with SQL.
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
