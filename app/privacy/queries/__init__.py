"""SQL of privacy."""
