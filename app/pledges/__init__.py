"""Promises: what was promised, what has come in, what is late."""
