"""What a person may ask of those who keep their data, and how long anything is kept."""

from app.privacy.retention import PERIODS, forget_old
from app.privacy.service import ERASED, Erased, erase

__all__ = ["ERASED", "PERIODS", "Erased", "erase", "forget_old"]
