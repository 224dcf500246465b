"""Heads of the hash chain as short codes to store outside the database: "4711-k7q2m4xsz5ab3cde".

A head is the position of a link and a MAC of its hash under a key derived from SECRET_KEY: an
attacker who can write to the database can build another chain, but none that contains an earlier
head.
"""

import re

from app.audit.queries import hash_chain as hash_chain_queries
from app.db import Session
from app.kit.security import mac
from app.settings import settings

PURPOSE = "head of the audit chain"
HEAD = re.compile(r"(\d{1,18})-([a-z2-7]{16})", re.ASCII)
HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


def head(db: Session) -> str:
    """Return the head of the chain, or an empty string while no entry is sealed."""
    link = hash_chain_queries.last_link(db)
    return "" if link is None else _format_head(link.place, link.hash)


def why_head_missing(db: Session, head: str) -> str | None:
    """Return why the chain does not contain an earlier head or hash, or None if it does.

    A head proves nothing about the entries before it: `verify` checks those.
    """
    cleaned = head.strip().lower()
    if HASH.fullmatch(cleaned):
        return (
            None if hash_chain_queries.has_hash(db, cleaned) else _removed_message("hash", cleaned)
        )
    parts = HEAD.fullmatch(cleaned)
    if parts is None:
        return (
            f"“{head}” is not a head of an audit log. It looks like 4711-k7q2m4xsz5ab3cde and "
            "stands in the name of each backup and in the weekly mail to administrators."
        )
    place = int(parts[1])
    link = hash_chain_queries.link(db, place)
    if link is not None:
        message = _signed_bytes(place, link.hash)
        if any(mac.matches(key, PURPOSE, message, parts[2]) for key in settings().signing_keys):
            return None
        return (
            f"The audit log does not contain the head {cleaned}: it was rewritten since, or the "
            "head was made with another SECRET_KEY."
        )
    first = hash_chain_queries.first_place(db)
    if first is not None and place < first:
        return (
            f"The head {cleaned} cannot be checked: lines up to number {first} were deleted for "
            "their age."
        )
    return _removed_message("head", cleaned)


def _removed_message(kind: str, value: str) -> str:
    return f"The audit log does not contain the {kind} {value}: its end was removed."


def _format_head(place: int, link: bytes) -> str:
    return f"{place}-{mac.code(settings().secret_key, PURPOSE, _signed_bytes(place, link))}"


def _signed_bytes(place: int, link: bytes) -> bytes:
    return f"{place}:".encode() + bytes(link)
