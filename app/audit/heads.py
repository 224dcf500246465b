"""Heads of the hash chain as short codes to store outside the database: "4711-k7q2m4xsz5ab3cde".

A head is the position of a link and a MAC of its hash under a key derived from SECRET_KEY: an
attacker who can write to the database can build another chain, but none that contains an earlier
head.
"""

import re

from app.audit.queries import hash_chain as hash_chain_queries
from app.db import Session
from app.kit import mac
from app.settings import settings

PURPOSE = "head of the audit chain"
HEAD = re.compile(r"(\d{1,18})-([a-z2-7]{16})", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def head(db: Session) -> str:
    """Return the head of the chain, or an empty string while no entry is sealed."""
    link = hash_chain_queries.last_link(db)
    return "" if link is None else _word(link.place, link.hash)


def missing(db: Session, head: str) -> str | None:
    """Return why the chain does not contain an earlier head or hash, or None if it does.

    A head proves nothing about the entries before it: `verify` checks those.
    """
    given = head.strip().lower()
    if HASH.fullmatch(given):
        return None if hash_chain_queries.has_hash(db, given) else _removed("hash", given)
    parts = HEAD.fullmatch(given)
    if parts is None:
        return (
            f"“{head}” is not a head of an audit log. It looks like 4711-k7q2m4xsz5ab3cde and "
            "stands in the name of each backup and in the weekly mail to administrators."
        )
    place = int(parts[1])
    link = hash_chain_queries.link(db, place)
    if link is not None:
        message = _message(place, link.hash)
        if any(mac.matches(one, PURPOSE, message, parts[2]) for one in settings().signing_keys):
            return None
        return (
            f"The audit log does not contain the head {given}: it was rewritten since, or the "
            "head was made with another SECRET_KEY."
        )
    first = hash_chain_queries.first_place(db)
    if first is not None and place < first:
        return (
            f"The head {given} cannot be checked: lines up to number {first} were deleted for "
            "their age."
        )
    return _removed("head", given)


def _removed(what: str, given: str) -> str:
    return f"The audit log does not contain the {what} {given}: its end was removed."


def _word(place: int, link: bytes) -> str:
    return f"{place}-{mac.code(settings().secret_key, PURPOSE, _message(place, link))}"


def _message(place: int, link: bytes) -> bytes:
    return f"{place}:".encode() + bytes(link)
