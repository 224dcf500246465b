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
from app.audit.sign_ins import ENTITY as SIGN_IN
from app.audit.sign_ins import FAILED as FAILED_SIGN_IN
from app.audit.sign_ins import record_failed_sign_in, record_sign_in, record_sign_out

__all__ = [
    "FAILED_SIGN_IN",
    "SIGN_IN",
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
    "record_failed_sign_in",
    "record_sign_in",
    "record_sign_out",
    "record_user_event",
    "seal",
    "verify",
    "why_head_missing",
]
