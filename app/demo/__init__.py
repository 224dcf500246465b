"""Demo data: a realistic demo organisation, and bulk data of any size for benchmarks."""

from app.demo.bulk import Generated, generate
from app.demo.people import SIGN_INS, SignIn
from app.demo.service import first_night, is_loaded, load, load_if_empty

__all__ = [
    "SIGN_INS",
    "Generated",
    "SignIn",
    "first_night",
    "generate",
    "is_loaded",
    "load",
    "load_if_empty",
]
