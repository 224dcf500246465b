"""Public entry point of the at-risk assessment, for tools outside the application."""

from app.donors.at_risk.assessment import assess

__all__ = ["assess"]
