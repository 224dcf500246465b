"""Benchmarks: one file per claim about speed; each prints a ratio."""
