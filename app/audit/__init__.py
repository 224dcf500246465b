"""Who changed what, before and after: rows are only ever added."""

from app.audit.service import record

__all__ = ["record"]
