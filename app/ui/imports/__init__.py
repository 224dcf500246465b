"""Parts of the import screen."""
