"""Parts of the screen "My settings"."""
