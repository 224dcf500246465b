"""Queries of the accounts package."""
