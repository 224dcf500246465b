"""Append-only audit log of changes, with before and after values, sealed in a hash chain."""

from app.audit.hash_chain import Verdict, erase, purge_old, seal, verify
from app.audit.heads import head, why_head_missing
from app.audit.queries.read_model import ActivityFilter
from app.audit.read_model import (
    ActivityLine,
    ActivityPage,
    entities,
    first_recorded_at,
    iter_lines,
    page,
)
from app.audit.service import (
    client_address,
    client_address_from,
    current_client_address,
    record,
    record_user_event,
)

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
    "first_recorded_at",
    "head",
    "iter_lines",
    "page",
    "purge_old",
    "record",
    "record_user_event",
    "seal",
    "verify",
    "why_head_missing",
]
