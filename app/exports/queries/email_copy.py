"""SQL of the e-mail addresses of chosen donors."""

from collections.abc import Collection, Sequence

from sqlalchemy import ARRAY, BigInteger, Row, Text, case, func, literal, select

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import Donor
from app.donors.anonymity import hidden
from app.donors.queries.used_contacts import used_email


def emails(
    db: Session, actor: Actor, donor_ids: Collection[int]
) -> Sequence[Row[int, str, str | None]]:
    """Return (id, email, reason) of the visible donors among these, by name.

    `reason` says why a donor is left out, None if it is not.
    """
    chosen = (
        select(
            Donor.id,
            used_email(Donor.id).label("email"),
            hidden(actor).label("hidden"),
            Donor.deceased,
            Donor.no_email,
            func.lower(Donor.name).label("name"),
        )
        .where(
            Donor.id == func.any(literal(sorted(donor_ids), ARRAY(BigInteger))),
            visible_donors(actor),
        )
        .subquery()
    )
    reason = case(
        (chosen.c.hidden, literal("hidden", Text)),
        (chosen.c.deceased, literal("deceased", Text)),
        (chosen.c.no_email, literal("no e-mail", Text)),
        (chosen.c.email.is_(None), literal("no address", Text)),
    )
    statement = select(chosen.c.id, chosen.c.email, reason.label("reason"))
    return db.execute(statement.order_by(chosen.c.name, chosen.c.id)).all()
