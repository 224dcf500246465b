"""The e-mail addresses of chosen donors, to paste into a mail program."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.accounts import Actor, require
from app.db import Session
from app.exports.queries import email_copy as queries
from app.exports.queries.datasets import TABLE
from app.exports.recording import Export, record_export
from app.exports.service import allowed_roles, describe_bulk_export
from app.kit.errors import InvalidError
from app.kit.formatting import DEFAULT, count, number

MOST = 5_000
# why a donor is left out: about one, about several
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "no e-mail": ("does not want e-mail", "do not want e-mail"),
        "no address": ("has no e-mail address", "have no e-mail address"),
        "deceased": ("is deceased", "are deceased"),
        "hidden": ("gives anonymously", "give anonymously"),
    }
)


@dataclass(frozen=True, slots=True)
class CopiedEmails:
    """Addresses in the order of the donors' names, each once, and who is left out by reason."""

    emails: tuple[str, ...]
    left: Mapping[str, int]

    def sentence(self, locale: str = DEFAULT) -> str:
        """Return what was found: "12 addresses. Left out: 2 do not want e-mail."."""
        found = count(len(self.emails), "address", "addresses", locale=locale)
        parts = [
            f"{number(self.left[reason], locale=locale)} {texts[self.left[reason] != 1]}"
            for reason, texts in REASONS.items()
            if self.left.get(reason)
        ]
        return f"{found}. Left out: {', '.join(parts)}." if parts else f"{found}."


def copy_emails(
    db: Session, actor: Actor, *, donor_ids: Collection[int], now: datetime | None = None
) -> CopiedEmails:
    """Return the e-mail addresses to use of donors the actor sees, and record the export.

    Left out are donors who do not want e-mail, are deceased, have no address that may be used,
    or whose name the actor may not see. `now` is as for `write`.

    Raises:
        NotAllowedError: the role may not export donors.
        ConfirmFirstError: these are most donors of the organisation; the user must confirm.
        InvalidError: there are too many donors.
    """
    kind = TABLE["donors"]
    require(actor, *allowed_roles(kind))
    if len(donor_ids) > MOST:
        most = count(MOST, "donor", locale=actor.locale)
        msg = f"The addresses of at most {most} are copied at once. Export a file instead."
        raise InvalidError(msg)
    rows = queries.emails(db, actor, donor_ids)
    named = [row.id for row in rows if row.reason is None]
    everything = describe_bulk_export(db, actor, kind, named, named, now)
    left: dict[str, int] = {}
    for row in rows:
        if row.reason is not None:
            left[row.reason] = left.get(row.reason, 0) + 1
    emails = {row.email.lower(): row.email for row in reversed(rows) if row.reason is None}
    if named:
        what = f"the e-mail addresses of {count(len(named), 'donor')}"
        record_export(db, Export(actor, what, named, everything), later=None)
    return CopiedEmails(tuple(reversed(emails.values())), left)
