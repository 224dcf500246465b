"""Erasure of a donor's personal data on request, and retention periods for all personal data."""

from app.privacy.retention import PERIODS, purge_expired
from app.privacy.service import ERASED, Erased, erase

__all__ = ["ERASED", "PERIODS", "Erased", "erase", "purge_expired"]
