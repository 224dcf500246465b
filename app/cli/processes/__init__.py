"""Commands that start processes, and their supervision."""
