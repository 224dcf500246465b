"""SQL of insights."""
