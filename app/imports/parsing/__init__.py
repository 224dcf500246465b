"""Parsing of mapped rows into typed records."""
