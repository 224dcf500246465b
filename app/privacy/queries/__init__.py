"""Queries of the privacy package."""
