"""Foundations of all screens: session, theme, formats, render limit and list of screens."""
