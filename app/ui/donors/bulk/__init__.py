"""Actions on the ticked or all filtered donors of the list."""
