"""Tests of the history of a donor."""
