"""Mapping of a file's columns to fields."""
