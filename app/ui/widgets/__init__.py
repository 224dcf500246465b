"""Widgets shared by screens: tables, forms, pagination, confirmation, background work."""
