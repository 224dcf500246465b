"""Charts and cards."""
