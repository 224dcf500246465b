"""Parts of the donor screens."""
