"""The JSON API: what people do on the screens, for programs."""

from app.api.rest.app import api

__all__ = ["api"]
