"""Matching the columns of a file to fields."""
