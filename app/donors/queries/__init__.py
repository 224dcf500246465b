"""SQL of donors."""
