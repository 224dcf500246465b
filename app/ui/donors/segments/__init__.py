"""Conditions and saved segments above the list of donors."""
