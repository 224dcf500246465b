"""Benchmarks: one module per claim about speed, which prints a ratio; `support` helps them."""
