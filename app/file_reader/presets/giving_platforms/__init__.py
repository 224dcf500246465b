"""Presets of donation platforms and payment services."""
