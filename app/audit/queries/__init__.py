"""Queries of the audit package."""
