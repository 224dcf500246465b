"""Queries of the organisation's settings."""
