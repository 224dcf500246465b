"""Append-only audit log of changes, with before and after values, sealed in a hash chain."""

from app.audit.hash_chain import Verdict, erase, forget_old, seal, verify
from app.audit.heads import head, missing
from app.audit.read_model import (
    ActivityFilter,
    ActivityLine,
    ActivityPage,
    entities,
    every,
    first_at,
    page,
)
from app.audit.service import client_address, client_address_from, current_client_address, record

__all__ = [
    "ActivityFilter",
    "ActivityLine",
    "ActivityPage",
    "Verdict",
    "client_address",
    "client_address_from",
    "current_client_address",
    "entities",
    "erase",
    "every",
    "first_at",
    "forget_old",
    "head",
    "missing",
    "page",
    "record",
    "seal",
    "verify",
]
