"""SQL of gifts."""
