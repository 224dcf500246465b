"""One file per claim of speed; each prints a ratio."""
