"""Parts of the pledge screens."""
