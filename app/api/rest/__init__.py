"""The JSON API: the functions of the screens, for programs."""

from app.api.rest.app import api

__all__ = ["api"]
