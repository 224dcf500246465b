"""The screen of gifts."""
