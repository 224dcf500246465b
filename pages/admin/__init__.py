"""Screens for administrators."""
