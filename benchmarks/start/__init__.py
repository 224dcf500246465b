"""How long commands and processes take to start."""
