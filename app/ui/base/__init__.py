"""Foundations of all screens: the session, the theme, formats, the list of screens."""
