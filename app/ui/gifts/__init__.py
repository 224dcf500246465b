"""Parts of the gift screens."""
