"""Turning mapped rows into typed records."""
