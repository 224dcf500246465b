"""Benchmarks of the read replica."""
