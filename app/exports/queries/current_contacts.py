"""SQL of the e-mail, phone and address of `donor` to use on the day of an export."""

from sqlalchemy import BigInteger, ClauseElement, literal_column
from sqlalchemy.dialects import postgresql

from app.db.models import DonorAddress
from app.donors.queries.used_contacts import TODAY, used_address, used_email, used_phone

_DONOR_ID = literal_column("donor.id", BigInteger)


def current(kind: str) -> str:
    """Return SQL for the e-mail or phone to use for the donor of a row."""
    used = used_email if kind == "email" else used_phone
    return f"({_as_sql(used(_DONOR_ID).element)})"


def _as_sql(clause: ClauseElement) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(clause.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


# a query with one row at most
CURRENT_ADDRESS = _as_sql(
    used_address(
        _DONOR_ID,
        TODAY,
        DonorAddress.street,
        DonorAddress.city,
        DonorAddress.state,
        DonorAddress.postal_code,
        DonorAddress.country,
    )
)
