"""Demo data: a realistic demo organisation, and bulk data of any size for benchmarks."""

from app.demo.bulk import Generated, generate
from app.demo.people import SIGN_INS, SignIn
from app.demo.service import is_loaded, load, load_if_empty, score_and_raise_alerts
from app.demo.switch import enter, leave

__all__ = [
    "SIGN_INS",
    "Generated",
    "SignIn",
    "enter",
    "generate",
    "is_loaded",
    "leave",
    "load",
    "load_if_empty",
    "score_and_raise_alerts",
]
