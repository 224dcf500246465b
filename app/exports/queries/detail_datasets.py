"""Export files of contact details, one a line, and of the relations between donors."""

from app.donors.anonymity import ANONYMOUS
from app.exports.columns import Column, day, ident, typed, yes_or_no
from app.exports.queries.dataset_kind import (
    DONOR_COLUMNS,
    Kind,
    contacts,
    identifying_column,
)

_USE = {
    "type": Column("k.type"),
    "primary": yes_or_no("k.is_primary"),
    "do_not_use": yes_or_no("k.do_not_use"),
}


def _details(
    kind: str, noun: str, description: str, icon: str, columns: dict[str, Column]
) -> Kind:
    return Kind(
        kind,
        noun,
        description,
        icon,
        {"id": ident("k.id"), **DONOR_COLUMNS, **columns},
        f"donor_{noun.replace('e-mail', 'email')} k join donor on donor.id = k.donor_id"
        " where {scope}",
        "k.id",
    )


EMAILS = _details(
    "emails",
    "e-mail",
    "Every e-mail address of every donor, with its type.",
    "alternate_email",
    {"email": identifying_column("k.email"), **_USE},
)
PHONES = _details(
    "phones",
    "phone",
    "Every phone number of every donor, with its type.",
    "call",
    {"phone": identifying_column("k.phone"), **_USE},
)
ADDRESSES = _details(
    "addresses",
    "address",
    "Every postal address of every donor, with the days and seasons it is valid.",
    "home_pin",
    {
        **{
            name: identifying_column(f"k.{name}")
            for name in ("street", "city", "state", "postal_code", "country")
        },
        **_USE,
        "season_from": identifying_column("k.season_from"),
        "season_to": identifying_column("k.season_to"),
        "valid_from": day("case when not coalesce({hidden}, false) then k.valid_from end"),
        "valid_to": day("case when not coalesce({hidden}, false) then k.valid_to end"),
    },
)
RELATIONS = Kind(
    "relations",
    "relation",
    "Employers, spouses, parents and referrers: the other donor is that of the donor.",
    "diversity_3",
    {
        "id": ident("r.id"),
        **DONOR_COLUMNS,
        "relation": Column("r.type"),
        "other_id": ident("o.id"),
        "other_name": typed(f"case when {{hidden_other}} then '{ANONYMOUS}' else o.name end"),
        "other_email": typed(
            "case when not coalesce({hidden_other}, false) then "
            + contacts("email", primary=True).replace("donor.id", "o.id")
            + " end"
        ),
    },
    "donor_relation r join donor on donor.id = r.donor_id join donor o on o.id = r.other_id"
    " where {scope} and o.id in (select donor.id from donor where {scope})",
    "r.id",
)
