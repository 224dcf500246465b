"""A believable organisation to look around in, and data of any size to measure with."""

from app.demo.people import SIGN_INS, SignIn
from app.demo.service import is_loaded, load, load_if_empty

__all__ = ["SIGN_INS", "SignIn", "is_loaded", "load", "load_if_empty"]
